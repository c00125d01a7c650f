/* SPDX-License-Identifier: Apache-2.0 */
#include "support/sample_code.h"

#include <stdio.h>

#include "support/code_judge.h"
#include "support/harness.h"

/* The code of each slice differs from page to page. */
static void vary(struct buf *file, const struct tiny_slice *how)
{
	struct macho m;
	struct error err = { 0 };
	uint32_t state = 77;

	if (!CHECK(macho_parse(&m, buf_slice(file), &err)))
		return;
	for (size_t i = 0; i < m.count; i++) {
		const struct macho_slice *s = &m.slices[i];
		unsigned char *p = file->p + s->file_offset + s->header_size +
		                   s->sizeofcmds + how[i].slack;

		for (size_t k = 0; k < how[i].code_size; k++)
			p[k] = (unsigned char)(k >> 8 ^ k >> 16);
		for (size_t k = 0; k + 500 < how[i].code_size; k += 1700)
			pack_noise(p + k, 500, &state);
	}
}

void sample_code(struct buf *file, const struct tiny_slice *how)
{
	*file = BUF_INIT(PACK_MAX_BYTES);
	tiny_macho(file, how);
	vary(file, how);
}

void sample_fat_code(struct buf *file, const struct tiny_slice *how, size_t count,
                     bool fat64)
{
	*file = BUF_INIT(PACK_MAX_BYTES);
	tiny_macho_fat(file, how, count, fat64);
	vary(file, how);
}

static uint64_t limit_of(const struct tiny_slice *how)
{
	AUTO(buf_free) struct buf file = BUF_INIT(PACK_MAX_BYTES);

	tiny_macho(&file, how);
	return file.n - (how->is_signed ? how->sig_size : 0) - how->tail;
}

struct tiny_slice sample_with_limit(struct tiny_slice how, uint64_t limit)
{
	uint64_t now = limit_of(&how);

	how.linkedit_size += (uint32_t)(limit % 16 + 16 - now % 16) % 16;
	how.code_size += (uint32_t)(limit - limit_of(&how));
	CHECK(limit_of(&how) == limit);
	return how;
}

void sample_report(const char *why, const char *what, unsigned long long number)
{
	char text[200];

	if (why == NULL)
		return;
	snprintf(text, sizeof text, "%s (%s %llu)", why, what, number);
	test_fail(__FILE__, __LINE__, text);
}

void sample_check(enum one_way way, struct slice file, struct slice packed,
                  const struct code_how *how)
{
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(code_free) struct code code = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(one_file_open(&f, way, file, packed, &err), &err);
	bool ok = code_read(&code, &f.c, f.file, how, &err);
	CHECK(ok || (err.code == ERROR_FORMAT || err.code == ERROR_LIMIT));
	sample_report(code_judge(ok ? &code : NULL, file, how), "way", way);
	if (ok)
		sample_report(code_judge_signed(&code, file, 1), "signed, way", way);
}

struct tiny_slice sample_signed(struct tiny_slice how)
{
	how.is_signed = true;
	how.signature = slice_str("\xfa\xde\x0c\xc0 a signature");
	how.sig_size = 3000;
	return how;
}

struct tiny_slice sample_large(struct tiny_slice how)
{
	how.code_size = 200000;
	return how;
}
