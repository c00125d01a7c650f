/* SPDX-License-Identifier: Apache-2.0 */
#include "util/sniff.h"

#include "util/plural.h"
#include "util/utf8.h"

#define LOOKED_AT 512 /* bytes of a text */

static const struct {
	const char *start;
	size_t n;
	const char *kind;
} kinds[] = {
	{ "-----BEGIN ", 11, "PEM text" },
	{ "PK\3\4", 4, "a zip archive" },
	{ "PK\5\6", 4, "an empty zip archive" },
	{ "bplist", 6, "a binary property list" },
	{ "<?xml", 5, "XML" },
	{ "<!DOCTYPE", 9, "a web page" },
	{ "<html", 5, "a web page" },
	{ "\x1f\x8b", 2, "gzip data" },
	{ "SQLite format 3", 15, "a SQLite database" },
	{ "\xcf\xfa\xed\xfe", 4, "a Mach-O file" },
	{ "\xce\xfa\xed\xfe", 4, "a Mach-O file" },
	{ "\xca\xfe\xba\xbe", 4, "a fat Mach-O file" },
	{ "!<arch>\n", 8, "a static library" },
	{ "U2FsdGVkX1", 10, "encrypted text of a match store" },
	/* "match_encrypted" in base64 */
	{ "bWF0Y2hfZW5jcnlwdGVk", 20, "encrypted text of a match store" },
	{ "MII", 3, "base64 text, of DER as a certificate, key or .p12 is" },
	{ "\x30\x80", 2, "BER, as a signed message is" },
	{ "\x30\x82", 2, "DER, as a certificate, key or .p12 is" },
	{ "\x30\x83", 2, "DER, as a certificate, key or .p12 is" },
};

static bool is_text(struct slice bytes)
{
	size_t at = 0;

	while (at < bytes.n && at < LOOKED_AT) {
		size_t n = utf8_next(NULL, slice_of(bytes.p + at, bytes.n - at));

		if (n == 0 || bytes.p[at] == '\0')
			return false;
		at += n;
	}
	return true;
}

const char *sniff(struct slice bytes)
{
	if (bytes.n == 0)
		return "nothing";
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (bytes.n >= kinds[i].n &&
		    memcmp(bytes.p, kinds[i].start, kinds[i].n) == 0)
			return kinds[i].kind;
	return is_text(bytes) ? "text" : "binary data";
}

bool sniff_evidence(struct error *err, struct slice bytes)
{
	if (bytes.n == 0)
		return error_evidence(err, "it is empty");
	return error_evidence(err, "it has %zu %s, and looks like %s", bytes.n,
	                      plural(bytes.n, "byte", "bytes"), sniff(bytes));
}

bool sniff_refused(struct error *err, const char *what, const char *path,
                   struct slice bytes)
{
	if (err->code == ERROR_FORMAT || err->code == ERROR_USAGE) {
		sniff_evidence(err, bytes);
		error_cause(err, "It is damaged, cut short, or another kind of file.");
		error_hint(err, "sealring inspect '%s'", path);
	}
	return error_context(err, "reading the %s \"%s\"", what, path);
}
