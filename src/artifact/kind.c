/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is it?  The content decides; a name only where the content says nothing.
 */
#include <string.h>
#include <strings.h>

#include "artifact/artifact_impl.h"
#include "ipa/zip.h"
#include "macho/read.h"
#include "util/mem.h"

static const struct {
	const char *name, *word;
} kinds[ARTIFACT_KIND_COUNT] = {
	[ARTIFACT_UNKNOWN] = { "unknown file", "unknown" },
	[ARTIFACT_CERT] = { "certificate", "certificate" },
	[ARTIFACT_KEY] = { "private key", "key" },
	[ARTIFACT_P12] = { "identity (PKCS#12)", "identity" },
	[ARTIFACT_CSR] = { "certificate request", "request" },
	[ARTIFACT_PROFILE] = { "provisioning profile", "profile" },
	[ARTIFACT_APP] = { "app", "app" },
	[ARTIFACT_CODE] = { "Mach-O file", "code" },
	[ARTIFACT_ENTITLEMENTS] = { "entitlements", "entitlements" },
	[ARTIFACT_EXPORT_OPTIONS] = { "export options", "export-options" },
	[ARTIFACT_INFO_PLIST] = { "Info.plist", "info-plist" },
	[ARTIFACT_PROJECT] = { "Xcode project", "project" },
};

const char *artifact_kind_name(enum artifact_kind kind)
{
	return kinds[kind].name;
}

const char *artifact_kind_word(enum artifact_kind kind)
{
	return kinds[kind].word;
}

/* ---- DER: the first tags tell one structure from another ---- */

#define TAG_INTEGER  0x02
#define TAG_OID      0x06
#define TAG_SEQUENCE 0x30
#define TAG_VERSION  0xa0

/* Step into the value at s, whose tag is to be this; indefinite lengths too. */
static bool enter(struct slice *s, unsigned char tag)
{
	if (s->n < 2 || s->p[0] != tag)
		return false;
	size_t head = 2 + (s->p[1] > 0x80 ? s->p[1] & 0x7fU : 0);
	if (head > 6 || s->n < head)
		return false;
	*s = slice_of(s->p + head, s->n - head);
	return true;
}

static unsigned char tag_of(struct slice s)
{
	return s.n > 0 ? s.p[0] : 0;
}

static bool starts(struct slice s, const char *bytes, size_t n)
{
	return s.n >= n && memcmp(s.p, bytes, n) == 0;
}

/* Behind SEQUENCE SEQUENCE: certificate, request, or an encrypted key. */
static enum artifact_kind sniff_nested(struct slice s)
{
	if (tag_of(s) == TAG_VERSION)
		return ARTIFACT_CERT;
	if (tag_of(s) == TAG_OID)
		return ARTIFACT_KEY;
	if (tag_of(s) != TAG_INTEGER)
		return ARTIFACT_UNKNOWN;
	/* A request has version 0 and a name; an old certificate, which says no version,
	   a serial number and an algorithm. */
	if (!starts(s, "\x02\x01\x00", 3))
		return ARTIFACT_CERT;
	s = slice_of(s.p + 3, s.n - 3);
	return enter(&s, TAG_SEQUENCE) && tag_of(s) == TAG_OID ? ARTIFACT_CERT
	                                                       : ARTIFACT_CSR;
}

static enum artifact_kind sniff_der(struct slice s)
{
	if (!enter(&s, TAG_SEQUENCE))
		return ARTIFACT_UNKNOWN;
	/* signedData; profiles are nothing else. */
	if (starts(s, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11))
		return ARTIFACT_PROFILE;
	if (starts(s, "\x02\x01\x03", 3))
		return ARTIFACT_P12;
	if (starts(s, "\x02\x01\x00", 3) || starts(s, "\x02\x01\x01", 3))
		return ARTIFACT_KEY;
	return enter(&s, TAG_SEQUENCE) ? sniff_nested(s) : ARTIFACT_UNKNOWN;
}

/* ---- all forms ---- */

static bool has_text(struct slice bytes, const char *text)
{
	return slice_cut(bytes, slice_str(text), NULL, NULL);
}

static enum artifact_kind sniff_pem(struct slice bytes)
{
	/* Before the key: a file that has both is a certificate with its key. */
	if (has_text(bytes, "-----BEGIN CERTIFICATE-----") ||
	    has_text(bytes, "-----BEGIN X509 CERTIFICATE-----") ||
	    has_text(bytes, "-----BEGIN TRUSTED CERTIFICATE-----"))
		return ARTIFACT_CERT;
	if (has_text(bytes, "PRIVATE KEY-----"))
		return ARTIFACT_KEY;
	if (has_text(bytes, "CERTIFICATE REQUEST-----"))
		return ARTIFACT_CSR;
	return ARTIFACT_UNKNOWN;
}

static enum artifact_kind sniff_plist(struct slice bytes)
{
	struct error ignored = { 0 };
	AUTO(drop_pl) struct pl *root = NULL;

	if (!pl_parse(&root, bytes, "property list", &ignored))
		return ARTIFACT_UNKNOWN;
	return artifact_kind_of_plist(root);
}

static bool is_code(struct slice bytes)
{
	enum macho_magic magic = macho_sniff(bytes);

	return magic == MACHO_THIN || magic == MACHO_FAT || magic == MACHO_BIG_ENDIAN;
}

enum artifact_kind artifact_sniff(struct slice bytes)
{
	if (zip_looks_like(bytes))
		return ARTIFACT_APP;
	if (is_code(bytes))
		return ARTIFACT_CODE;
	if (pl_looks_like(bytes))
		return sniff_plist(bytes);
	/* Text may stand before the mark, which DER has only inside. */
	enum artifact_kind der = sniff_der(bytes);
	return der != ARTIFACT_UNKNOWN ? der : sniff_pem(bytes);
}

/* ---- names ---- */

static const struct {
	const char *suffix;
	enum artifact_kind kind;
} suffixes[] = {
	{ ".cer", ARTIFACT_CERT },
	{ ".crt", ARTIFACT_CERT },
	{ ".p12", ARTIFACT_P12 },
	{ ".pfx", ARTIFACT_P12 },
	{ ".key", ARTIFACT_KEY },
	{ ".p8", ARTIFACT_KEY },
	{ ".csr", ARTIFACT_CSR },
	{ ".certSigningRequest", ARTIFACT_CSR },
	{ ".mobileprovision", ARTIFACT_PROFILE },
	{ ".provisionprofile", ARTIFACT_PROFILE },
	{ ".ipa", ARTIFACT_APP },
	{ ".app", ARTIFACT_APP },
	{ ".app.zip", ARTIFACT_APP },
	{ ".appex", ARTIFACT_APP },
	{ ".framework", ARTIFACT_APP },
	{ ".xcarchive", ARTIFACT_APP },
	{ ".xcarchive.zip", ARTIFACT_APP },
	{ ".dylib", ARTIFACT_CODE },
	{ ".entitlements", ARTIFACT_ENTITLEMENTS },
	{ ".xcent", ARTIFACT_ENTITLEMENTS },
	{ ".xcodeproj", ARTIFACT_PROJECT },
};

/* "ExportOptions.plist", "export_options-adhoc.plist" */
static bool is_export_name(const char *name, size_t n)
{
	static const char word[] = "exportoptions";
	size_t at = 0;

	if (n < 6 || strncasecmp(name + n - 6, ".plist", 6) != 0)
		return false;
	for (size_t i = 0; i < n - 6 && word[at] != '\0'; i++) {
		char c = name[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c == word[at])
			at++;
		else if (c != '_' && c != '-' && c != ' ')
			at = c == word[0];
	}
	return word[at] == '\0';
}

enum artifact_kind artifact_kind_of_name(const char *path)
{
	size_t end = strlen(path), start;

	while (end > 1 && path[end - 1] == '/')
		end--;
	for (start = end; start > 0 && path[start - 1] != '/';)
		start--;
	const char *name = path + start;
	size_t n = end - start;

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		size_t m = strlen(suffixes[i].suffix);

		if (n > m && strncasecmp(name + n - m, suffixes[i].suffix, m) == 0)
			return suffixes[i].kind;
	}
	if (n == 10 && strncmp(name, "Info.plist", n) == 0)
		return ARTIFACT_INFO_PLIST;
	return is_export_name(name, n) ? ARTIFACT_EXPORT_OPTIONS : ARTIFACT_UNKNOWN;
}
