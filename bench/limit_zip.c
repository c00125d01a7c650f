/* SPDX-License-Identifier: Apache-2.0 */
#include "limit_zip.h"

#include <stdlib.h>

#include "util/bytes.h"
#include "util/mem.h"

#define LOCAL_BYTES   30
#define CENTRAL_BYTES 46
#define END_BYTES     22
#define LOC64_BYTES   20

void limit_zip_free(struct limit_zip *zip)
{
	free(zip->entries);
	*zip = (struct limit_zip){ 0 };
}

/* What does not fit 32 bits is in the zip64 field, in this order. */
static void widen(struct slice extra, uint64_t *values[], size_t count)
{
	while (extra.n >= 4) {
		const unsigned char *p = extra.p + 4;
		size_t n = 4 + (size_t)load_le16(extra.p + 2);

		for (size_t i = 0; i < count && load_le16(extra.p) == 1; i++) {
			if (*values[i] != UINT32_MAX)
				continue;
			*values[i] = load_le64(p);
			p += 8;
		}
		extra = slice_of(extra.p + n, extra.n - n);
	}
}

static size_t slashes(struct slice name)
{
	size_t n = 0;

	for (size_t i = 0; i < name.n; i++)
		n += name.p[i] == '/';
	return n;
}

/* One central record at p; its length. */
static size_t read_entry(struct limit_entry *e, struct slice file,
                         const unsigned char *p)
{
	size_t name_n = load_le16(p + 28), extra_n = load_le16(p + 30);
	uint64_t packed = load_le32(p + 20), size = load_le32(p + 24);
	uint64_t at = load_le32(p + 42);
	uint64_t *values[] = { &size, &packed, &at };
	uint32_t mode = load_le32(p + 38) >> 16;
	struct slice name = slice_of(p + CENTRAL_BYTES, name_n);

	widen(slice_of(name.p + name_n, extra_n), values, ARRAY_LEN(values));
	const unsigned char *local = file.p + at;
	*e = (struct limit_entry){
		.data = at + LOCAL_BYTES + load_le16(local + 26) +
		        load_le16(local + 28),
		.packed_size = packed,
		.size = size,
		.method = load_le16(p + 10),
		.is_code = size > 0 && (mode & 0170111) == 0100111,
	};
	e->is_main = e->is_code && slashes(name) == 2;
	return CENTRAL_BYTES + name_n + extra_n + load_le16(p + 32);
}

bool limit_zip_read(struct limit_zip *out, struct slice file, struct error *err)
{
	const unsigned char *end = file.p + file.n - END_BYTES;

	if (file.n < END_BYTES || load_le32(end) != 0x06054b50)
		return error_set(err, ERROR_FORMAT, "this is no zip of make_app");
	uint64_t count = load_le16(end + 10), at = load_le32(end + 16);
	if (at == UINT32_MAX || count == UINT16_MAX) {
		const unsigned char *end64 = file.p + load_le64(end - LOC64_BYTES + 8);

		count = load_le64(end64 + 32);
		at = load_le64(end64 + 48);
	}
	out->entries = mem_zero((size_t)count, sizeof *out->entries);
	for (size_t i = 0; i < count; i++)
		at += read_entry(&out->entries[i], file, file.p + at);
	out->count = (size_t)count;
	return true;
}
