/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/hash_records.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "util/bytes.h"
#include "util/mem.h"

/* Offsets in the header and in a record. */
#define HEADER_VERSION 8
#define HEADER_COUNT   12
#define VERSION        2
#define RECORD_SHA1    32
#define RECORD_SHA256  52
#define RECORD_MAGIC   84
#define RECORD_DAY     88
#define RECORD_CHECK   92 /* of all before it */
#define CHECK_BYTES    (HASH_RECORD_BYTES - RECORD_CHECK)

static const unsigned char file_magic[HEADER_VERSION] = "SEALHASH";

/* What the byte in a record means. */
static const enum macho_magic magics[] = { MACHO_NOT, MACHO_BIG_ENDIAN, MACHO_AR };

bool hash_record_can_hold(enum macho_magic magic)
{
	for (size_t i = 0; i < ARRAY_LEN(magics); i++)
		if (magics[i] == magic)
			return true;
	return false;
}

/* ---- one record ---- */

static void check_of(unsigned char out[DIGEST_MAX_BYTES], const unsigned char *record)
{
	digest_of(out, DIGEST_SHA256, slice_of(record, RECORD_CHECK));
}

static void encode(unsigned char out[HASH_RECORD_BYTES], const struct hash_record *r)
{
	unsigned char check[DIGEST_MAX_BYTES];

	memset(out, 0, HASH_RECORD_BYTES);
	memcpy(out, r->key, sizeof r->key);
	memcpy(out + RECORD_SHA1, r->sha1, sizeof r->sha1);
	memcpy(out + RECORD_SHA256, r->sha256, sizeof r->sha256);
	for (size_t i = 0; i < ARRAY_LEN(magics); i++)
		if (magics[i] == r->magic)
			out[RECORD_MAGIC] = (unsigned char)i;
	store_le32(out + RECORD_DAY, r->day);
	check_of(check, out);
	memcpy(out + RECORD_CHECK, check, CHECK_BYTES);
}

/* Works on a copy: the file may change under our hands. */
static bool decode(struct hash_record *out, const unsigned char *at)
{
	unsigned char record[HASH_RECORD_BYTES], check[DIGEST_MAX_BYTES];

	memcpy(record, at, sizeof record);
	check_of(check, record);
	if (memcmp(check, record + RECORD_CHECK, CHECK_BYTES) != 0 ||
	    record[RECORD_MAGIC] >= ARRAY_LEN(magics))
		return false;
	memcpy(out->key, record, sizeof out->key);
	memcpy(out->sha1, record + RECORD_SHA1, sizeof out->sha1);
	memcpy(out->sha256, record + RECORD_SHA256, sizeof out->sha256);
	out->magic = magics[record[RECORD_MAGIC]];
	out->day = load_le32(record + RECORD_DAY);
	return true;
}

/* ---- reading ---- */

struct slice hash_records_parse(struct slice file)
{
	const struct slice none = { 0 };

	if (file.n < HASH_HEADER_BYTES ||
	    memcmp(file.p, file_magic, sizeof file_magic) != 0 ||
	    load_le32(file.p + HEADER_VERSION) != VERSION)
		return none;
	size_t count = load_le32(file.p + HEADER_COUNT);
	if (count == 0 || count > HASH_RECORDS_MAX ||
	    file.n != HASH_HEADER_BYTES + count * HASH_RECORD_BYTES)
		return none;
	return slice_of(file.p + HASH_HEADER_BYTES, count * HASH_RECORD_BYTES);
}

bool hash_records_find(struct hash_record *out, struct slice records,
                       const unsigned char key[HASH_KEY_BYTES])
{
	size_t low = 0, high = records.n / HASH_RECORD_BYTES;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const unsigned char *at = records.p + mid * HASH_RECORD_BYTES;
		int order = memcmp(at, key, HASH_KEY_BYTES);

		if (order == 0)
			return decode(out, at) &&
			       memcmp(out->key, key, HASH_KEY_BYTES) == 0;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* ---- building ---- */

/* Records in the order of their keys, each once. */
struct list {
	struct hash_record *items;
	size_t count;
};

static void list_free(struct list *list)
{
	free(list->items);
}

static int by_key(const void *a, const void *b, const void *ctx)
{
	const struct hash_record *x = a, *y = b;

	(void)ctx;
	return memcmp(x->key, y->key, sizeof x->key);
}

static int by_day(const void *a, const void *b, const void *ctx)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	(void)ctx;
	return (x > y) - (x < y);
}

/* What does not come behind all before it has been there, or is out of place. */
static void add(struct list *list, const struct hash_record *r, uint32_t today)
{
	if (list->count > 0 && by_key(&list->items[list->count - 1], r, NULL) >= 0)
		return;
	struct hash_record *new = &list->items[list->count++];
	*new = *r;
	if (new->day > today)
		new->day = today;
}

static struct list merge(struct slice old, struct hash_record *fresh, size_t count,
                         uint32_t today)
{
	size_t n = old.n / HASH_RECORD_BYTES, j = 0;
	struct list out = { .items = mem_zero(n + count + 1, sizeof *out.items) };

	if (count > 1)
		mem_sort(fresh, count, sizeof *fresh, by_key, NULL);
	for (size_t i = 0; i < n; i++) {
		struct hash_record r;

		if (!decode(&r, old.p + i * HASH_RECORD_BYTES))
			continue;
		for (; j < count && by_key(&fresh[j], &r, NULL) <= 0; j++)
			add(&out, &fresh[j], today);
		add(&out, &r, today);
	}
	for (; j < count; j++)
		add(&out, &fresh[j], today);
	return out;
}

/* Let the records go that were not used for longest: all of before some day, and as
 * many of that day as are still too many. */
static void drop_oldest(struct list *list)
{
	if (list->count <= HASH_RECORDS_MAX)
		return;
	size_t drop = list->count - HASH_RECORDS_MAX, older = 0, n = 0;
	uint32_t *days = mem_zero(list->count, sizeof *days);
	for (size_t i = 0; i < list->count; i++)
		days[i] = list->items[i].day;
	mem_sort(days, list->count, sizeof *days, by_day, NULL);
	uint32_t last = days[drop - 1];
	while (days[older] < last)
		older++;
	free(days);
	size_t of_last = drop - older;
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].day < last ||
		    (list->items[i].day == last && of_last > 0 && of_last-- > 0))
			continue;
		list->items[n++] = list->items[i];
	}
	list->count = n;
}

bool hash_records_build(struct buf *out, struct slice old, struct hash_record *fresh,
                        size_t count, uint32_t today, struct error *err)
{
	AUTO(list_free) struct list list = merge(old, fresh, count, today);
	unsigned char bytes[HASH_RECORD_BYTES] = { 0 };

	drop_oldest(&list);
	memcpy(bytes, file_magic, sizeof file_magic);
	store_le32(bytes + HEADER_VERSION, VERSION);
	store_le32(bytes + HEADER_COUNT, (uint32_t)list.count);
	if (!buf_append(out, slice_of(bytes, HASH_HEADER_BYTES), err))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		encode(bytes, &list.items[i]);
		if (!buf_append(out, slice_of(bytes, sizeof bytes), err))
			return false;
	}
	return true;
}
