/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_parse() on arbitrary bytes; every entry is read within limits.  What is
 * accepted is written again and read back the same: copied entries to the byte, and
 * one changed entry with its new content.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ipa/zip.h"
#include "util/mem.h"

#define CONTENT_MAX ((size_t)1 << 20)
#define OUTPUT_MAX  ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file without a name, used again and again. */
static int output(void)
{
	static FILE *file;

	if (file == NULL)
		file = tmpfile();
	assert(file != NULL);
	int fd = fileno(file);
	bool ok = ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0;
	assert(ok);
	return fd;
}

static void read_back(struct buf *out, int fd)
{
	unsigned char chunk[64 * 1024];
	struct error err = { 0 };
	off_t at = 0;

	for (ssize_t n; (n = pread(fd, chunk, sizeof chunk, at)) > 0; at += n) {
		bool ok = buf_append(out, slice_of(chunk, (size_t)n), &err);
		assert(ok);
	}
}

static void read_all(const struct zip *zip)
{
	for (size_t i = 0; i < zip->count; i++) {
		AUTO(buf_free) struct buf content = BUF_INIT(CONTENT_MAX);
		struct error err = { 0 };

		if (zip_read(&content, zip, &zip->entries[i], &err))
			assert(content.n == zip->entries[i].size);
		else
			assert(err.message[0] != 0 && content.n == 0);
	}
}

static void check_same(const struct zip_entry *a, const struct zip_entry *b)
{
	assert(strcmp(a->name, b->name) == 0);
	assert(a->type == b->type && a->mode == b->mode);
	assert(a->method == b->method && a->flags == b->flags);
	assert(a->dos_time == b->dos_time && a->crc32 == b->crc32);
	assert(a->size == b->size && a->packed_size == b->packed_size);
	assert(slice_equal(a->local, b->local));
	assert(a->central.n == b->central.n &&
	       memcmp(a->central.p, b->central.p, 42) == 0);
}

/* A name or a comment may look like an end record once it is near the end. */
static bool is_tricky(const struct zip *zip)
{
	for (size_t i = 0; i < zip->count; i++)
		if (slice_cut(zip->entries[i].central, slice_of("PK\5\6", 4), NULL,
		              NULL) ||
		    slice_cut(zip->entries[i].central, slice_of("PK\6\7", 4), NULL,
		              NULL))
			return true;
	return false;
}

static const char new_content[] = "new content, new content, new content";

/* Write all entries, the one numbered `changed` with new content. */
static bool write_all(struct zip_writer *w, const struct zip *zip, size_t changed)
{
	struct error err = { 0 };

	for (size_t i = 0; i < zip->count; i++) {
		const struct zip_entry *e = &zip->entries[i];
		bool ok = i == changed ? zip_writer_add(w, e->name, e->type, 0, e,
		                                        slice_str(new_content), 6, &err)
		                       : zip_writer_copy(w, e, &err);

		assert(ok || err.code == ERROR_LIMIT);
		if (!ok)
			return false;
	}
	return zip_writer_finish(w, &err);
}

static void write_and_compare(const struct zip *zip, size_t changed)
{
	struct file_new file = { .fd = output() };
	struct error err = { 0 };
	AUTO(zip_writer_free) struct zip_writer w = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(OUTPUT_MAX);
	AUTO(zip_free) struct zip again = { 0 };

	zip_writer_init(&w, &file);
	if (!write_all(&w, zip, changed))
		return;
	read_back(&out, file.fd);
	bool ok = zip_parse(&again, buf_slice(&out), &err);
	assert(ok && again.count == zip->count);
	for (size_t i = 0; i < zip->count; i++) {
		AUTO(buf_free) struct buf content = BUF_INIT(CONTENT_MAX);

		if (i != changed) {
			check_same(&zip->entries[i], &again.entries[i]);
			continue;
		}
		ok = zip_read(&content, &again, &again.entries[i], &err);
		assert(ok && slice_equal(buf_slice(&content), slice_str(new_content)));
		assert(strcmp(zip->entries[i].name, again.entries[i].name) == 0);
		assert(zip->entries[i].mode == again.entries[i].mode);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	AUTO(zip_free) struct zip zip = { 0 };

	if (!zip_parse(&zip, slice_of(data, size), &err)) {
		assert(err.message[0] != 0 && zip.entries == NULL);
		return 0;
	}
	read_all(&zip);
	if (is_tricky(&zip))
		return 0;
	write_and_compare(&zip, SIZE_MAX);
	for (size_t i = 0; i < zip.count; i++)
		if (zip.entries[i].type == ZIP_FILE) {
			write_and_compare(&zip, i);
			break;
		}
	return 0;
}
