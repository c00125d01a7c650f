/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue by id and by number.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "explain/data_impl.h"
#include "util/mem.h"
#include "util/suggest.h"

static const struct explain_family *const families[] = {
	&explain_cert,   &explain_key,  &explain_store, &explain_profile, &explain_auto,
	&explain_export, &explain_sign, &explain_itms,  &explain_device,
};

static const struct explain_codes *const code_tables[] = {
	&explain_codes_device,
	&explain_codes_mac,
	&explain_codes_itms,
};

static const char *const domain_titles[EXPLAIN_DOMAIN_COUNT] = {
	[EXPLAIN_LIBMIS] = "profile and signature, on the device (libmis)",
	[EXPLAIN_MOBILEDEVICE] = "installing (MobileDevice)",
	[EXPLAIN_OSSTATUS] = "Security framework of a Mac (OSStatus)",
	[EXPLAIN_INSTALLER] = "install service (MIInstallerErrorDomain)",
	[EXPLAIN_ITMS] = "App Store Connect (ITMS)",
	[EXPLAIN_AMFI] = "amfid's log",
	[EXPLAIN_PORTAL] = "developer portal (resultCode)",
};

static const struct {
	char letter;
	const char *what;
} facts[] = {
	{ 'A', "the app: its bundles, signatures, CodeResources" },
	{ 'C', "the certificate" },
	{ 'D', "data of the developer portal" },
	{ 'E', "the export options (exportOptions.plist)" },
	{ 'H', "the Mac: keychains, their rights, Xcode's version, clock" },
	{ 'K', "the private key or .p12" },
	{ 'L', "the text of the log" },
	{ 'P', "the provisioning profile" },
	{ 'S', "the team's store of keys and profiles" },
	{ 'V', "the device: its UDID, system, trust" },
	{ 'X', "the Xcode project, .xcconfig, .entitlements" },
};

const struct explain_family *explain_family_at(size_t i)
{
	return i < ARRAY_LEN(families) ? families[i] : NULL;
}

const struct explain_family *explain_family_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (strcasecmp(families[i]->name, name) == 0)
			return families[i];
	return NULL;
}

const struct explain_family *explain_family_of(const struct explain_entry *entry)
{
	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		for (size_t i = 0; i < families[f]->count; i++)
			if (entry == &families[f]->entries[i])
				return families[f];
	return NULL;
}

/* "PROF-05" and "prof 5": the same letters, and the same number behind them. */
static bool same_id(const char *id, const char *typed)
{
	size_t n = strcspn(id, "-");
	size_t digits = strspn(id + n + (id[n] == '-'), "0123456789");

	if (strcasecmp(id, typed) == 0)
		return true;
	if (id[n] != '-' || digits == 0 || id[n + 1 + digits] != '\0' ||
	    strncasecmp(id, typed, n) != 0)
		return false;
	typed += n;
	typed += strspn(typed, "- _#");
	typed += strspn(typed, "0");
	const char *number = id + n + 1;
	number += strspn(number, "0");
	return *number != '\0' && strcmp(number, typed) == 0;
}

const struct explain_entry *explain_find(const char *id)
{
	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		for (size_t i = 0; i < families[f]->count; i++)
			if (same_id(families[f]->entries[i].id, id))
				return &families[f]->entries[i];
	return NULL;
}

const char *explain_near_id(const char *id)
{
	char upper[SUGGEST_MAX_WORD + 1];

	snprintf(upper, sizeof upper, "%s", id);
	for (char *p = upper; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	struct suggest s = suggest_for(upper);
	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		for (size_t i = 0; i < families[f]->count; i++)
			suggest_try(&s, families[f]->entries[i].id);
	return s.best;
}

const struct explain_code *explain_code_at(size_t i)
{
	for (size_t t = 0; t < ARRAY_LEN(code_tables); t++) {
		if (i < code_tables[t]->count)
			return &code_tables[t]->rows[i];
		i -= code_tables[t]->count;
	}
	return NULL;
}

static const struct explain_code *find_row(const struct explain_codes *codes,
                                           uint32_t number)
{
	for (size_t i = 0; i < codes->count; i++)
		if (codes->rows[i].number == (int64_t)number)
			return &codes->rows[i];
	return NULL;
}

const struct explain_code *explain_device_code(uint32_t number)
{
	return find_row(&explain_codes_device, number);
}

const struct explain_code *explain_store_code(uint32_t number)
{
	return find_row(&explain_codes_itms, number);
}

const char *explain_domain_title(enum explain_domain domain)
{
	return domain_titles[domain];
}

void explain_code_format(char out[EXPLAIN_CODE_BYTES], const struct explain_code *code)
{
	const char *prefix = code->domain == EXPLAIN_ITMS        ? "ITMS-"
	                     : code->domain == EXPLAIN_INSTALLER ? "MI-"
	                     : code->domain == EXPLAIN_AMFI      ? "amfid "
	                     : code->domain == EXPLAIN_PORTAL    ? "resultCode "
	                                                         : "";

	if (code->domain == EXPLAIN_LIBMIS || code->domain == EXPLAIN_MOBILEDEVICE)
		snprintf(out, EXPLAIN_CODE_BYTES, "0x%08llx",
		         (unsigned long long)code->number);
	else
		snprintf(out, EXPLAIN_CODE_BYTES, "%s%lld", prefix,
		         (long long)code->number);
}

/* ---- numbers in any spelling ---- */

struct number {
	bool any_domain;
	enum explain_domain domain;
	bool is_signed; /* a minus that is no hyphen */
	unsigned long long value;
};

static void parse_domain(struct number *out, const char **text)
{
	static const struct {
		const char *word;
		enum explain_domain domain; /* COUNT: any */
	} words[] = {
		{ "itms", EXPLAIN_ITMS },
		{ "miinstallererrordomain", EXPLAIN_INSTALLER },
		{ "mi", EXPLAIN_INSTALLER },
		{ "resultcode", EXPLAIN_PORTAL },
		{ "amfid", EXPLAIN_AMFI },
		{ "osstatus", EXPLAIN_DOMAIN_COUNT },
		{ "error", EXPLAIN_DOMAIN_COUNT },
		{ "code", EXPLAIN_DOMAIN_COUNT },
	};

	out->any_domain = true;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i].word);

		if (strncasecmp(*text, words[i].word, n) != 0)
			continue;
		*text += n;
		out->any_domain = words[i].domain == EXPLAIN_DOMAIN_COUNT;
		out->domain = words[i].domain;
		/* In "ITMS-90046" the hyphen is no minus. */
		*text += strspn(*text,
		                words[i].domain == EXPLAIN_ITMS ||
		                                words[i].domain == EXPLAIN_INSTALLER
		                        ? " :=-#"
		                        : " :=");
		if (strncasecmp(*text, "code", 4) == 0)
			*text += 4 + strspn(*text + 4, " :=");
		return;
	}
}

static bool parse_number(struct number *out, const char *text)
{
	char *end = NULL;
	int base = 10;

	text += strspn(text, " \t\r\n(\"'");
	parse_domain(out, &text);
	if (strncmp(text, "\xe2\x88\x92", 3) == 0) { /* a minus sign */
		out->is_signed = true;
		text += 3;
	} else if (*text == '-') {
		out->is_signed = true;
		text++;
	}
	if (strncasecmp(text, "0x", 2) == 0 ||
	    (strncasecmp(text, "e8", 2) == 0 &&
	     strspn(text, "0123456789abcdefABCDEF") == 8))
		base = 16;
	if (strspn(text, "0123456789abcdefABCDEFxX") == 0 || strlen(text) > 24)
		return false;
	out->value = strtoull(text, &end, base);
	return end != text && end[strspn(end, " \t\r\n)\"'.,:")] == '\0';
}

static bool is_number(const struct explain_code *code, const struct number *number)
{
	uint32_t low = (uint32_t)number->value;
	uint32_t wanted = (uint32_t)code->number;

	if (!number->any_domain && number->domain != code->domain)
		return false;
	if (number->value > UINT32_MAX)
		return false;
	if (number->is_signed)
		low = 0 - low;
	/* Everything as 32 bits: -67062 is 0xfffefa0a is 4294900234. */
	return low == wanted;
}

const struct explain_code *explain_code_find(const char *text)
{
	struct number number = { 0 };
	const struct explain_code *code;

	for (size_t i = 0; (code = explain_code_at(i)) != NULL; i++)
		if (code->name != NULL && strcasecmp(code->name, text) == 0)
			return code;
	if (!parse_number(&number, text))
		return NULL;
	for (size_t i = 0; (code = explain_code_at(i)) != NULL; i++)
		if (is_number(code, &number))
			return code;
	return NULL;
}

const struct explain_entry *explain_code_entry(const struct explain_code *code)
{
	return code->entry != NULL ? explain_find(code->entry) : NULL;
}

const struct explain_code *explain_entry_code(const struct explain_entry *entry,
                                              size_t i)
{
	const struct explain_code *code;

	for (size_t at = 0; (code = explain_code_at(at)) != NULL; at++)
		if (code->entry != NULL && strcmp(code->entry, entry->id) == 0 &&
		    i-- == 0)
			return code;
	return NULL;
}

/* ---- showing ---- */

const char *explain_fact(char letter)
{
	for (size_t i = 0; i < ARRAY_LEN(facts); i++)
		if (facts[i].letter == letter)
			return facts[i].what;
	return NULL;
}

const char *explain_decidable_word(enum explain_decidable d)
{
	return d == EXPLAIN_FROM_FILES ? "yes" : d == EXPLAIN_PARTLY ? "partly" : "no";
}

char *explain_text(const char *pattern)
{
	char *text = mem_copy(pattern);
	char *mark = strchr(text, '|');

	if (mark != NULL)
		memmove(mark, mark + 1, strlen(mark));
	return text;
}

/* "gh:O/R#N": O/R and N. */
static char *issue_url(const char *source)
{
	const char *hash = strchr(source, '#');

	if (hash == NULL)
		return mem_format("https://github.com/%s", source);
	return mem_format("https://github.com/%.*s/issues/%s", (int)(hash - source),
	                  source, hash + 1);
}

char *explain_source_url(const char *source)
{
	static const struct {
		const char *prefix, *address;
	} kinds[] = {
		{ "https:", "https:%s" },
		{ "AF:", "https://developer.apple.com/forums/thread/%s" },
		{ "fldocs:", "https://docs.fastlane.tools/%s/" },
		{ "fl:", "https://github.com/fastlane/fastlane/blob/d5347690/%s" },
		{ "zsign:", "https://github.com/zhlynn/zsign/blob/master/%s" },
		{ "CSC", "https://github.com/apple-oss-distributions/Security/blob/"
		         "db15acbe/OSX/libsecurity_codesigning/lib/CSCommon.h%s" },
		{ "CSU", "https://github.com/apple-oss-distributions/"
		         "security_systemkeychain/blob/2b4c65b1/src/cs_utils.cpp%s" },
		{ "IDE", "https://github.com/ios-control/ios-deploy/blob/83f7d9ef/src/"
		         "ios-deploy/errors.h%s" },
		{ "CM", "https://github.com/codemagic-ci-cd/codemagic-docs/blob/master/"
		        "content/troubleshooting/common-ios-issues.md%s" },
	};

	if (strncmp(source, "gh:", 3) == 0)
		return issue_url(source + 3);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t n = strlen(kinds[i].prefix);
		const char *mark = strchr(kinds[i].address, '%');

		if (strncmp(source, kinds[i].prefix, n) == 0)
			return mem_format("%.*s%s%s", (int)(mark - kinds[i].address),
			                  kinds[i].address, source + n, mark + 2);
	}
	return NULL;
}
