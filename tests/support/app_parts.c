/* SPDX-License-Identifier: Apache-2.0 */
#include "support/app_parts.h"

#include <stdlib.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/tiny_macho.h"
#include "util/mem.h"

void app_free(struct app_fixture *f)
{
	bundle_tree_free(&f->tree);
	scan_free(&f->scan);
	container_close(&f->c);
	scratch_remove(&f->folder);
}

bool app_look(struct app_fixture *f, struct error *err)
{
	const struct scan_how how = { .page_size = CODE_PAGE_SIZE,
		                      .only_code = true,
		                      .threads = 2 };

	return scan_app(&f->scan, &f->c, &how, err) &&
	       bundle_find(&f->tree, &f->c, &f->scan, err);
}

void app_fill(struct buf *out, const struct app_part *part)
{
	struct tiny_slice how = TINY_ARM64;
	struct error err = { 0 };
	bool ok = true;

	how.code_size = 64;
	how.filetype = part->stuff == APP_OBJECT ? 1 : 2;
	if (part->stuff == APP_CODE || part->stuff == APP_OBJECT)
		tiny_macho(out, &how);
	else if (part->stuff == APP_INFO)
		ok = buf_append_format(
			out, &err,
			"<plist version=\"1.0\"><dict>%s%s%s%s%s%s</dict></plist>",
			part->more[0] != 0 ? "<key>CFBundleIdentifier</key><string>"
					   : "",
			part->more, part->more[0] != 0 ? "</string>" : "",
			part->executable != NULL
				? "<key>CFBundleExecutable</key><string>"
				: "",
			part->executable != NULL ? part->executable : "",
			part->executable != NULL ? "</string>" : "");
	else if (part->stuff == APP_JAVA)
		ok = buf_append(
			out,
			slice_of("\xca\xfe\xba\xbe\0\0\0\x34\0\x1d\x0a\0\6\0\x0f"
		                 "\x09\0\x10\0\x11\x08\0\x12\x0a\0\x13\0\x14",
		                 29),
			&err);
	else if (part->stuff == APP_ARCHIVE)
		ok = buf_append_str(out, "!<arch>\n__.SYMDEF SORTED  0000000000", &err);
	else if (part->stuff != APP_FOLDER)
		ok = buf_append_str(out, part->more, &err);
	CHECK(ok);
}

static bool put_in_zip(struct app_fixture *f, const struct app_part *parts,
                       size_t count, struct error *err)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(drop_str) char *path = scratch_path(&f->folder, "X.ipa");

	for (size_t i = 0; i < count; i++) {
		AUTO(buf_free) struct buf content = BUF_INIT(100000);
		AUTO(drop_str)
		char *name = mem_format("Payload/X.app/%s%s", parts[i].path,
		                        parts[i].stuff == APP_FOLDER ? "/" : "");

		app_fill(&content, &parts[i]);
		tiny_zip_add(&z,
		             &(struct tiny_entry){
				     .name = name,
				     .content = buf_slice(&content),
				     .deflated = i % 2 == 0 && content.n > 0,
				     .mode = parts[i].stuff == APP_LINK ? TINY_LINK_MODE
		                                                        : 0 });
	}
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	return file_write(path, buf_slice(&z.bytes), 0644, true, err) &&
	       container_open(&f->c, path, err);
}

bool app_put(const char *path, const struct app_part *part, struct error *err)
{
	AUTO(buf_free) struct buf content = BUF_INIT(100000);
	AUTO(drop_str)
	char *folder = mem_str(path, (size_t)(strrchr(path, '/') - path));

	if (part->stuff == APP_FOLDER)
		return file_make_dir(path, 0755, err);
	if (!file_make_dir(folder, 0755, err))
		return false;
	if (part->stuff == APP_LINK)
		return symlink(part->more, path) == 0 ||
		       error_set_errno(err, "symlink");
	app_fill(&content, part);
	return file_write(path, buf_slice(&content), 0644, true, err);
}

static bool put_in_folder(struct app_fixture *f, const struct app_part *parts,
                          size_t count, struct error *err)
{
	AUTO(drop_str) char *top = scratch_path(&f->folder, "X.app");

	if (!file_make_dir(top, 0755, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		AUTO(drop_str) char *path = mem_format("%s/%s", top, parts[i].path);

		if (!app_put(path, &parts[i], err))
			return false;
	}
	return container_open(&f->c, top, err);
}

bool app_find(struct app_fixture *f, bool zipped, const struct app_part *parts,
              size_t count, struct error *err)
{
	if (!scratch_make(&f->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	return (zipped ? put_in_zip(f, parts, count, err)
	               : put_in_folder(f, parts, count, err)) &&
	       app_look(f, err);
}

const char *app_inner(const struct app_fixture *f, const char *path)
{
	size_t n = strlen(f->c.root);

	return path + n + (n > 0 && path[n] == '/');
}

const struct bundle *app_item(const struct app_fixture *f, const char *path)
{
	for (size_t i = 0; i < f->tree.count; i++)
		if (strcmp(app_inner(f, f->tree.items[i]->path), path) == 0)
			return f->tree.items[i];
	return NULL;
}

bool app_find_in_zip(struct app_fixture *f, struct tiny_zip *z, struct error *err)
{
	if (!scratch_make(&f->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	AUTO(drop_str) char *path = scratch_path(&f->folder, "X.ipa");
	tiny_zip_end(z, &(struct tiny_end){ 0 });
	return file_write(path, buf_slice(&z->bytes), 0644, true, err) &&
	       container_open(&f->c, path, err) && app_look(f, err);
}
