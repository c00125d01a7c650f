/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of entries: what may be one on a device, in one reading only.
 */
#include <libdeflate.h>
#include <stdlib.h>

#include "ipa/zip_impl.h"
#include "util/bytes.h"
#include "util/mem.h"
#include "util/utf8.h"

bool zip_extra_next(struct slice *extra, uint16_t *id, struct slice *field)
{
	struct reader r = reader_of(*extra);
	uint16_t name = reader_le16(&r), n = reader_le16(&r);
	struct slice content = reader_bytes(&r, n);

	if (r.failed)
		return false;
	*id = name;
	*field = content;
	*extra = slice_of(extra->p + r.pos, extra->n - r.pos);
	return true;
}

/* '/' counts least, and no name has a control character. */
static int rank(char c)
{
	return c == '/' ? 1 : (unsigned char)c;
}

int zip_name_compare(const char *a, const char *b)
{
	while (*a == *b && *a != '\0') {
		a++;
		b++;
	}
	return rank(*a) - rank(*b);
}

static bool climbs(const char *name, struct error *err)
{
	zip_entry_refused(err, name, "its name leads out of the archive");
	return error_cause(err, "It is made to write outside the folder it is unpacked "
	                        "in, or by a broken tool.");
}

static bool check_parts(const char *name, struct error *err)
{
	if (name[0] == '/')
		return climbs(name, err);
	for (const char *part = name;; part++) {
		size_t n = strcspn(part, "/");

		if (n == 2 && part[0] == '.' && part[1] == '.')
			return climbs(name, err);
		if (n == 0)
			return zip_entry_refused(err, name,
			                         "a part of its name is empty");
		if (n == 1 && part[0] == '.')
			return zip_entry_refused(err, name,
			                         "a part of its name is \".\"");
		part += n;
		if (*part == '\0')
			return true;
	}
}

static bool not_utf8(char *name, struct error *err)
{
	/* What prints this may want UTF-8. */
	for (char *p = name; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	zip_entry_refused(err, name, "its name is not UTF-8");
	error_cause(err, "The tool that packed it wrote names in the code page of its "
	                 "computer.  A device has no such names.");
	return error_hint(err, "Zip it again on macOS or Linux.");
}

static bool check_characters(char *name, struct slice raw, struct error *err)
{
	size_t n;

	for (struct slice rest = raw; rest.n > 0;
	     rest = slice_of(rest.p + n, rest.n - n)) {
		n = utf8_next(NULL, rest);
		if (n == 0)
			return not_utf8(name, err);
	}
	if (strlen(name) != raw.n)
		return zip_entry_refused(err, name, "its name has a NUL byte");
	for (const char *p = name; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return zip_entry_refused(err, name,
			                         "its name has a control character");
	if (strchr(name, '\\') == NULL)
		return true;
	zip_entry_refused(err, name, "its name has a backslash");
	return error_hint(err, "Zip it again on macOS or Linux: names in a zip use "
	                       "\"/\".");
}

/* Info-ZIP believes this one, others do not.  It counts if it was made for raw. */
static bool check_second_name(const char *name, struct slice raw, struct slice extra,
                              struct error *err)
{
	struct slice field = { 0 };
	uint16_t id = 0;

	while (zip_extra_next(&extra, &id, &field)) {
		if (id != ZIP_EXTRA_UNICODE || field.n < 5 || field.p[0] != 1 ||
		    load_le32(field.p + 1) != libdeflate_crc32(0, raw.p, raw.n) ||
		    slice_equal(slice_of(field.p + 5, field.n - 5), raw))
			continue;
		zip_entry_refused(err, name, "it has two names");
		return error_hint(err,
		                  "Zip it again with names in UTF-8: zip -UN=UTF8");
	}
	return true;
}

bool zip_name_read(struct zip_entry *e, struct slice raw, struct slice extra,
                   struct error *err)
{
	if (raw.n == 0)
		return zip_damaged(err, "an entry has no name");
	if (raw.n > ZIP_MAX_NAME)
		return error_set(err, ERROR_LIMIT,
		                 "the zip has a name of more than %d bytes",
		                 ZIP_MAX_NAME);
	e->name = mem_str(raw.p, raw.n);
	if (!check_characters(e->name, raw, err) ||
	    !check_second_name(e->name, raw, extra, err))
		return false;
	if (raw.n > 1 && raw.p[raw.n - 1] == '/') {
		e->type = ZIP_DIR;
		e->name[raw.n - 1] = '\0';
	}
	return check_parts(e->name, err);
}
