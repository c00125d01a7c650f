/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in each Info.plist, key by key (spec codesign.md 9.3): one row of a table
 * a key.
 */
#include <ctype.h>
#include <string.h>

#include "util/mem.h"
#include "verify/verify_impl.h"

enum want {
	WANT_TEXT,           /* a string that is not empty */
	WANT_TEXT_IF_THERE,  /* the same, or no key */
	WANT_DICT,           /* a dictionary */
	WANT_DICT_IF_THERE,  /* the same, or no key */
	WANT_ANYTHING,       /* the key */
	WANT_DNS_IF_THERE,   /* a.b or longer, or no key */
	WANT_XPC_IF_THERE,   /* "XPC!", or no key */
	WANT_WORDS_IF_THERE, /* a list of such strings, or no key */
};

static const char *const wants[] = {
	[WANT_TEXT] = "a string of one or more characters",
	[WANT_TEXT_IF_THERE] = "a string of one or more characters",
	[WANT_DICT] = "a dictionary",
	[WANT_DICT_IF_THERE] = "a dictionary",
	[WANT_ANYTHING] = "to be there",
	[WANT_DNS_IF_THERE] = "a name such as com.apple.share-services",
	[WANT_XPC_IF_THERE] = "XPC!",
	[WANT_WORDS_IF_THERE] = "a list of models",
};

/* Whom a row is for. */
enum whom {
	WHOM_ALL,
	WHOM_PROCESS,   /* what runs by itself */
	WHOM_EXTENSION, /* any .appex */
	WHOM_CLASSIC,   /* an .appex with NSExtension, as most have */
	WHOM_APP,       /* the app itself */
};

struct key_rule {
	const char *rule;
	enum whom whom;
	const char *dict, *inner; /* in this dictionary, in that; NULL: Info.plist's */
	const char *key;
	enum want want;
};

#define EXTENSION  "NSExtension"
#define ATTRIBUTES "NSExtensionAttributes"

/* clang-format off */
static const struct key_rule key_rules[] = {
	{ "bundle.no-executable", WHOM_PROCESS, NULL, NULL, "CFBundleExecutable", WANT_TEXT },
	{ "bundle.version-missing", WHOM_PROCESS, NULL, NULL, "CFBundleVersion", WANT_TEXT },
	{ "bundle.short-version", WHOM_ALL, NULL, NULL, "CFBundleShortVersionString", WANT_TEXT_IF_THERE },
	{ "bundle.name-missing", WHOM_EXTENSION, NULL, NULL, "CFBundleName", WANT_TEXT },
	{ "bundle.name-missing", WHOM_PROCESS, NULL, NULL, "CFBundleName", WANT_TEXT_IF_THERE },
	{ "bundle.display-name-missing", WHOM_EXTENSION, NULL, NULL, "CFBundleDisplayName", WANT_TEXT },
	{ "bundle.supported-devices", WHOM_APP, NULL, NULL, "UISupportedDevices", WANT_WORDS_IF_THERE },
	{ "bundle.xpc-service", WHOM_EXTENSION, NULL, NULL, "XPCService", WANT_DICT_IF_THERE },
	{ "bundle.xpc-run-loop", WHOM_ALL, "XPCService", NULL, "RunLoopType", WANT_TEXT_IF_THERE },
	{ "bundle.xpc-type", WHOM_ALL, "XPCService", NULL, "ServiceType", WANT_TEXT_IF_THERE },
	{ "bundle.appex-type", WHOM_EXTENSION, NULL, NULL, "CFBundlePackageType", WANT_XPC_IF_THERE },
	{ "bundle.appex-extension", WHOM_CLASSIC, NULL, NULL, EXTENSION, WANT_DICT },
	{ "bundle.appex-context", WHOM_CLASSIC, EXTENSION, NULL, "NSExtensionContextClass", WANT_TEXT_IF_THERE },
	{ "bundle.appex-context-host", WHOM_CLASSIC, EXTENSION, NULL, "NSExtensionContextHostClass", WANT_TEXT_IF_THERE },
	{ "bundle.appex-view-host", WHOM_CLASSIC, EXTENSION, NULL, "NSExtensionViewControllerHostClass", WANT_TEXT_IF_THERE },
	{ "bundle.appex-point", WHOM_CLASSIC, EXTENSION, NULL, "NSExtensionPointIdentifier", WANT_ANYTHING },
	{ "bundle.appex-point-form", WHOM_CLASSIC, EXTENSION, NULL, "NSExtensionPointIdentifier", WANT_DNS_IF_THERE },
	{ "bundle.appex-attributes", WHOM_CLASSIC, EXTENSION, NULL, ATTRIBUTES, WANT_DICT_IF_THERE },
	{ "bundle.appex-point-name", WHOM_CLASSIC, EXTENSION, ATTRIBUTES, "NSExtensionPointName", WANT_TEXT_IF_THERE },
	{ "bundle.appex-point-version", WHOM_CLASSIC, EXTENSION, ATTRIBUTES, "NSExtensionPointVersion", WANT_TEXT_IF_THERE },
};
/* clang-format on */

/* ExtensionKit's say all of it elsewhere. */
static bool is_classic(const struct bundle *b)
{
	return pl_get(b->info, EXTENSION) != NULL ||
	       pl_get_type(b->info, "EXAppExtensionAttributes", PL_DICT) == NULL;
}

static bool is_for(enum whom whom, const struct bundle *b)
{
	switch (whom) {
	case WHOM_ALL:
		return true;
	case WHOM_PROCESS:
		return bundle_is_process(b);
	case WHOM_EXTENSION:
		return b->kind == BUNDLE_APPEX;
	case WHOM_CLASSIC:
		return b->kind == BUNDLE_APPEX && is_classic(b);
	case WHOM_APP:
		return b->kind == BUNDLE_APP;
	}
	return false;
}

static bool is_text(const struct pl *v)
{
	const char *text = pl_text(v);

	return text != NULL && text[0] != '\0';
}

/* Parts of letters, digits, hyphens and underscores; at least two. */
static bool is_dns(const char *text)
{
	size_t parts = 1, length = 0;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '.') {
			if (length == 0)
				return false;
			parts++;
			length = 0;
		} else if (isalnum((unsigned char)*p) || *p == '-' || *p == '_') {
			length++;
		} else {
			return false;
		}
	}
	return parts > 1 && length > 0;
}

static bool is_words(const struct pl *v)
{
	if (v->type != PL_ARRAY || v->count == 0)
		return false;
	for (size_t i = 0; i < v->count; i++)
		if (!is_text(v->items[i]))
			return false;
	return true;
}

static bool fits(enum want want, const struct pl *v)
{
	if (v == NULL)
		return want != WANT_TEXT && want != WANT_DICT && want != WANT_ANYTHING;
	switch (want) {
	case WANT_TEXT:
	case WANT_TEXT_IF_THERE:
		return is_text(v);
	case WANT_DICT:
	case WANT_DICT_IF_THERE:
		return v->type == PL_DICT;
	case WANT_ANYTHING:
		return true;
	case WANT_DNS_IF_THERE:
		return pl_text(v) != NULL && is_dns(pl_text(v));
	case WANT_XPC_IF_THERE:
		return pl_text(v) != NULL && strcmp(pl_text(v), "XPC!") == 0;
	case WANT_WORDS_IF_THERE:
		return is_words(v);
	}
	return false;
}

static char *describe(const struct pl *v)
{
	if (v == NULL)
		return mem_copy("none");
	if (pl_text(v) == NULL)
		return mem_copy(v->type == PL_ARRAY && v->count == 0
		                        ? "an empty list"
		                        : pl_type_name(v->type));
	return mem_copy(is_text(v) ? pl_text(v) : "an empty string");
}

void check_info_keys(struct judgement *j, struct subject *s)
{
	for (size_t i = 0; i < ARRAY_LEN(key_rules); i++) {
		const struct key_rule *k = &key_rules[i];
		const struct pl *dict = s->bundle->info;

		if (!is_for(k->whom, s->bundle))
			continue;
		if (k->dict != NULL)
			dict = pl_get_type(dict, k->dict, PL_DICT);
		if (k->inner != NULL)
			dict = pl_get_type(dict, k->inner, PL_DICT);
		/* That the dictionary is there is another row's business. */
		if (dict == NULL || fits(k->want, pl_get(dict, k->key)))
			continue;
		report(j, s, k->rule, mem_format("%s: %s", k->key, wants[k->want]),
		       describe(pl_get(dict, k->key)), fix_info(j, s, k->key));
	}
}
