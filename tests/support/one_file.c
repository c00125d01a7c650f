/* SPDX-License-Identifier: Apache-2.0 */
#include "support/one_file.h"

#include <fcntl.h>
#include <unistd.h>

#include "support/pack.h"
#include "util/mem.h"

void one_file_free(struct one_file *f)
{
	container_close(&f->c);
	scratch_remove(&f->folder);
	*f = (struct one_file){ 0 };
}

/* Where there is one already it is written over. */
static bool put(struct one_file *f, const char *name, struct slice bytes,
                struct error *err)
{
	if (f->folder.path[0] == '\0' && !scratch_make(&f->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	AUTO(drop_str) char *path = scratch_path(&f->folder, name);
	AUTO(drop_str)
	char *folder = mem_str(path, (size_t)(strrchr(path, '/') - path));

	if (!file_make_dir(folder, 0755, err))
		return false;
	/* Not file_write(), which waits for the disk. */
	AUTO(drop_fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	return (fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n) ||
	       error_set_errno(err, "could not write \"%s\"", path);
}

static bool open_it(struct one_file *f, const char *name, const char *inside,
                    struct error *err)
{
	AUTO(drop_str) char *path = scratch_path(&f->folder, name);

	container_close(&f->c);
	if (!container_open(&f->c, path, err))
		return false;
	f->file = container_find(&f->c, inside);
	return f->file != NULL || error_set(err, ERROR_NOT_FOUND, "no \"%s\"", inside);
}

bool one_file_open_zip(struct one_file *f, const struct tiny_zip *z, struct error *err)
{
	return put(f, "X.ipa", buf_slice(&z->bytes), err) &&
	       open_it(f, "X.ipa", ONE_NAME, err);
}

static bool open_zipped(struct one_file *f, struct slice content, struct slice packed,
                        struct error *err)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&z, &(struct tiny_entry){ .name = ONE_NAME,
	                                       .content = content,
	                                       .packed = packed });
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	return one_file_open_zip(f, &z, err);
}

bool one_file_open(struct one_file *f, enum one_way way, struct slice content,
                   struct slice packed, struct error *err)
{
	AUTO(buf_free) struct buf made = BUF_INIT(PACK_MAX_BYTES);

	switch (way) {
	case ONE_STORED:
		return open_zipped(f, content, (struct slice){ 0 }, err);
	case ONE_DEFLATED:
		if (packed.n == 0) {
			pack_deflate(&made, content, 6);
			packed = buf_slice(&made);
		}
		return open_zipped(f, content, packed, err);
	case ONE_FOLDER:
		return put(f, "X.app/X", content, err) && open_it(f, "X.app", "X", err);
	default:
		return put(f, "X", content, err) && open_it(f, "X", "X", err);
	}
}
