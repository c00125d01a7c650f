/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records at the end of a zip: where its central directory is.
 *
 *     entries | central directory | zip64 end record, its locator | end record, comment
 */
#include "ipa/zip_impl.h"
#include "util/bytes.h"

/* The end record may be followed by a comment of this many bytes. */
#define MAX_COMMENT 65535

/* Is there an end record at p, whose comment ends with the file? */
static bool is_end(struct slice file, size_t at)
{
	const unsigned char *p = file.p + at;

	return load_le32(p) == ZIP_END_SIGNATURE &&
	       load_le16(p + 20) == file.n - at - ZIP_END_BYTES;
}

static bool no_end(struct error *err)
{
	error_set(err, ERROR_FORMAT,
	          "not a zip, or cut short, or something was appended: it does not end "
	          "in an end record");
	error_cause(err, "The download or copy stopped early.");
	return error_hint(err, "unzip -t FILE shows what else is wrong.");
}

/*
 * The end record, searched backwards over a possible comment.  A comment that looks
 * like an end record is refused: some readers take the first one, others the last.
 */
static bool find_end(size_t *out, struct slice file, struct error *err)
{
	size_t least = file.n > ZIP_END_BYTES + MAX_COMMENT
	                       ? file.n - ZIP_END_BYTES - MAX_COMMENT
	                       : 0;
	bool found = false;

	if (file.n < ZIP_END_BYTES)
		return no_end(err);
	for (size_t i = file.n - ZIP_END_BYTES + 1; i-- > least;) {
		if (!is_end(file, i))
			continue;
		if (found)
			return error_set(err, ERROR_FORMAT,
			                 "the zip has two end records: two readers "
			                 "would see two archives");
		found = true;
		*out = i;
	}
	return found || no_end(err);
}

/* Does the short field, unless it says that it is too short, agree? */
static bool agrees(uint64_t small, uint64_t max, uint64_t large)
{
	return small == max || small == large;
}

static bool split(struct error *err)
{
	error_set(err, ERROR_FORMAT, "the zip is one part of an archive in many parts");
	return error_hint(err, "Join them: zip -s 0 PART.zip --out WHOLE.zip");
}

/* The zip64 record; whoever reads only the short one must not be told otherwise. */
static bool read_end64(struct zip_directory *d, uint64_t *end, struct slice file,
                       size_t locator, struct error *err)
{
	const unsigned char *p = file.p + locator;
	struct slice record = { 0 };
	uint64_t at = load_le64(p + 8);

	if (load_le32(p + 4) != 0 || load_le32(p + 16) > 1)
		return split(err);
	if (at > locator ||
	    !slice_part(&record, slice_of(file.p, locator), at, ZIP_END64_BYTES) ||
	    load_le32(record.p) != ZIP_END64_SIGNATURE ||
	    load_le64(record.p + 4) != locator - at - 12)
		return zip_damaged(err, "its zip64 end record is not there");
	if (load_le32(record.p + 16) != 0 || load_le32(record.p + 20) != 0 ||
	    load_le64(record.p + 24) != load_le64(record.p + 32))
		return split(err);
	struct zip_directory large = { .count = load_le64(record.p + 32),
		                       .size = load_le64(record.p + 40),
		                       .offset = load_le64(record.p + 48),
		                       .is_zip64 = true };
	if (!agrees(d->count, ZIP_MAX16, large.count) ||
	    !agrees(d->size, ZIP_MAX32, large.size) ||
	    !agrees(d->offset, ZIP_MAX32, large.offset))
		return zip_damaged(err, "its two end records contradict each other");
	*d = large;
	*end = at;
	return true;
}

static bool misplaced(const struct zip_directory *d, uint64_t end, struct error *err)
{
	error_set(
		err, ERROR_FORMAT,
		"the zip is damaged: its central directory is not where it should be");
	error_evidence(err,
	               "%llu bytes from byte %llu on should end at the end record, at "
	               "byte %llu",
	               (unsigned long long)d->size, (unsigned long long)d->offset,
	               (unsigned long long)end);
	error_cause(err, "It was cut, or something stands before the archive or inside "
	                 "it that does not belong there.");
	return error_hint(err, "unzip -t FILE shows what else is wrong.");
}

bool zip_directory_find(struct zip_directory *out, struct slice file, struct error *err)
{
	size_t at = 0;

	if (!find_end(&at, file, err))
		return false;
	const unsigned char *p = file.p + at;
	struct zip_directory d = { .count = load_le16(p + 10),
		                   .size = load_le32(p + 12),
		                   .offset = load_le32(p + 16) };
	uint64_t end = at;
	bool has64 = at >= ZIP_LOC64_BYTES &&
	             load_le32(p - ZIP_LOC64_BYTES) == ZIP_LOC64_SIGNATURE;
	if (has64 && !read_end64(&d, &end, file, at - ZIP_LOC64_BYTES, err))
		return false;
	if (!has64 && (load_le16(p + 4) != 0 || load_le16(p + 6) != 0 ||
	               load_le16(p + 8) != d.count))
		return split(err);
	if (d.offset > end || d.size != end - d.offset)
		return misplaced(&d, end, err);
	*out = d;
	return true;
}
