/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The portal's rules and limits, as data (spec asc.md section 4).
 */
#include "authority/rules_impl.h"

#include <string.h>

#include "util/utf8.h"

#define MARKER "1.2.840.113635.100.6.1."

#define CODE   "codeSigning"
#define DEVELOPER_ID_ROW(w, text, cn, marker)                                     \
	{                                                                         \
		.word = (w), .api = (text), .called = "Developer ID Application", \
		.platform = "MAC_OS", .prefix = (cn), .purpose = CODE,            \
		.markers = { MARKER marker }, .years = 5,                         \
		.limit = SETTING_DEVELOPER_ID_CERTS, .has_id = true               \
	}

/*
 * A year, Developer ID five.  Apple is said to give in-house certificates three, but
 * asc.md 4.1 has that from hearsay only, so nothing is built on it: whoever sees a
 * real one changes the number here, and nowhere else.
 */
const struct cert_rule cert_rules[AUTHORITY_CERT_COUNT] = {
	[AUTHORITY_CERT_DEVELOPMENT] = { .word = "development",
	                                 .api = "DEVELOPMENT",
	                                 .called = "Development",
	                                 .prefix = "Apple Development",
	                                 .purpose = CODE,
	                                 .markers = { MARKER "2", MARKER "12" },
	                                 .years = 1,
	                                 .limit = SETTING_DEVELOPMENT_CERTS,
	                                 .is_person = true,
	                                 .has_id = true },
	[AUTHORITY_CERT_DISTRIBUTION] = { .word = "distribution",
	                                  .api = "DISTRIBUTION",
	                                  .called = "Distribution",
	                                  .prefix = "Apple Distribution",
	                                  .purpose = CODE,
	                                  .markers = { MARKER "7", MARKER "4" },
	                                  .years = 1,
	                                  .limit = SETTING_DISTRIBUTION_CERTS,
	                                  .has_id = true },
	[AUTHORITY_CERT_ENTERPRISE] = { .word = "enterprise",
	                                .api = "IOS_DISTRIBUTION",
	                                .called = "iOS Distribution",
	                                .platform = "IOS",
	                                .prefix = "iPhone Distribution",
	                                .purpose = CODE,
	                                .markers = { MARKER "4" },
	                                .years = 1,
	                                .limit = SETTING_ENTERPRISE_CERTS },
	[AUTHORITY_CERT_IOS_DEVELOPMENT] = { .word = "ios-development",
	                                     .api = "IOS_DEVELOPMENT",
	                                     .called = "iOS Development",
	                                     .platform = "IOS",
	                                     .prefix = "iPhone Developer",
	                                     .purpose = CODE,
	                                     .markers = { MARKER "2" },
	                                     .years = 1,
	                                     .limit = SETTING_DEVELOPMENT_CERTS,
	                                     .is_person = true,
	                                     .has_id = true },
	[AUTHORITY_CERT_IOS_DISTRIBUTION] = { .word = "ios-distribution",
	                                      .api = "IOS_DISTRIBUTION",
	                                      .called = "iOS Distribution",
	                                      .platform = "IOS",
	                                      .prefix = "iPhone Distribution",
	                                      .purpose = CODE,
	                                      .markers = { MARKER "4" },
	                                      .years = 1,
	                                      .limit = SETTING_DISTRIBUTION_CERTS,
	                                      .has_id = true },
	[AUTHORITY_CERT_MAC_DEVELOPMENT] = { .word = "mac-development",
	                                     .api = "MAC_APP_DEVELOPMENT",
	                                     .called = "Mac Development",
	                                     .platform = "MAC_OS",
	                                     .prefix = "Mac Developer",
	                                     .purpose = CODE,
	                                     .markers = { MARKER "12" },
	                                     .years = 1,
	                                     .limit = SETTING_DEVELOPMENT_CERTS,
	                                     .is_person = true,
	                                     .has_id = true },
	[AUTHORITY_CERT_MAC_DISTRIBUTION] = { .word = "mac-distribution",
	                                      .api = "MAC_APP_DISTRIBUTION",
	                                      .called = "Mac App Distribution",
	                                      .platform = "MAC_OS",
	                                      .prefix = "3rd Party Mac Developer "
	                                                "Application",
	                                      .purpose = CODE,
	                                      .markers = { MARKER "7" },
	                                      .years = 1,
	                                      .limit = SETTING_DISTRIBUTION_CERTS,
	                                      .has_id = true },
	[AUTHORITY_CERT_MAC_INSTALLER] = { .word = "mac-installer",
	                                   .api = "MAC_INSTALLER_DISTRIBUTION",
	                                   .called = "Mac Installer Distribution",
	                                   .platform = "MAC_OS",
	                                   .prefix =
	                                           "3rd Party Mac Developer Installer",
	                                   .purpose = "1.2.840.113635.100.4.9",
	                                   .markers = { MARKER "8" },
	                                   .years = 1,
	                                   .limit = SETTING_DISTRIBUTION_CERTS,
	                                   .has_id = true },
	[AUTHORITY_CERT_DEVELOPER_ID] =
		DEVELOPER_ID_ROW("developer-id", "DEVELOPER_ID_APPLICATION",
	                         "Developer ID Application", "13"),
	[AUTHORITY_CERT_DEVELOPER_ID_G2] =
		DEVELOPER_ID_ROW("developer-id-g2", "DEVELOPER_ID_APPLICATION_G2",
	                         "Developer ID Application", "13"),
	[AUTHORITY_CERT_DEVELOPER_ID_KEXT] =
		DEVELOPER_ID_ROW("developer-id-kext", "DEVELOPER_ID_KEXT",
	                         "Developer ID Kernel Extension", "18"),
	[AUTHORITY_CERT_DEVELOPER_ID_KEXT_G2] =
		DEVELOPER_ID_ROW("developer-id-kext-g2", "DEVELOPER_ID_KEXT_G2",
	                         "Developer ID Kernel Extension", "18"),
};

const char *authority_cert_word(enum authority_cert_type type)
{
	return cert_rules[type].word;
}

const char *authority_cert_api(enum authority_cert_type type)
{
	return cert_rules[type].api;
}

const char *authority_cert_called(enum authority_cert_type type)
{
	return cert_rules[type].called;
}

/* From the end: IOS_DISTRIBUTION means the one with an id. */
bool authority_cert_of_api(enum authority_cert_type *out, const char *api)
{
	for (size_t i = AUTHORITY_CERT_COUNT; i > 0; i--) {
		if (strcmp(cert_rules[i - 1].api, api) != 0)
			continue;
		*out = (enum authority_cert_type)(i - 1);
		return true;
	}
	return false;
}

/* ---- profiles ---- */

#define DEVELOPMENT_BIT  CERT_BIT(AUTHORITY_CERT_DEVELOPMENT)
#define DISTRIBUTION_BIT CERT_BIT(AUTHORITY_CERT_DISTRIBUTION)
#define IOS_DEVELOPERS   (DEVELOPMENT_BIT | CERT_BIT(AUTHORITY_CERT_IOS_DEVELOPMENT))
#define MAC_DEVELOPERS   (DEVELOPMENT_BIT | CERT_BIT(AUTHORITY_CERT_MAC_DEVELOPMENT))
#define IOS_DISTRIBUTORS (DISTRIBUTION_BIT | CERT_BIT(AUTHORITY_CERT_IOS_DISTRIBUTION))
#define MAC_DISTRIBUTORS (DISTRIBUTION_BIT | CERT_BIT(AUTHORITY_CERT_MAC_DISTRIBUTION))
#define IN_HOUSE                               \
	(CERT_BIT(AUTHORITY_CERT_ENTERPRISE) | \
	 CERT_BIT(AUTHORITY_CERT_IOS_DISTRIBUTION))
#define DEVELOPER_IDS                            \
	(CERT_BIT(AUTHORITY_CERT_DEVELOPER_ID) | \
	 CERT_BIT(AUTHORITY_CERT_DEVELOPER_ID_G2))

/* The columns: API name, kind, family, usual certificate, those taken. */
#define DEVELOPMENT_ROW(name, family_, types, word_)                             \
	{                                                                        \
		.api = (name), .kind = PROFILE_DEVELOPMENT, .family = (family_), \
		.cert_type = AUTHORITY_CERT_DEVELOPMENT, .cert_types = (types),  \
		.needs_devices = true, .word = (word_)                           \
	}
#define ADHOC_ROW(name, family_, word_)                                                \
	{                                                                              \
		.api = (name), .kind = PROFILE_ADHOC, .family = (family_),             \
		.cert_type = AUTHORITY_CERT_DISTRIBUTION,                              \
		.cert_types = IOS_DISTRIBUTORS, .needs_devices = true, .word = (word_) \
	}
#define STORE_ROW(name, family_, types, word_)                                   \
	{                                                                        \
		.api = (name), .kind = PROFILE_APPSTORE, .family = (family_),    \
		.cert_type = AUTHORITY_CERT_DISTRIBUTION, .cert_types = (types), \
		.explicit_only = true, .word = (word_)                           \
	}
#define IN_HOUSE_ROW(name, family_, word_)                                      \
	{                                                                       \
		.api = (name), .kind = PROFILE_ENTERPRISE, .family = (family_), \
		.cert_type = AUTHORITY_CERT_ENTERPRISE, .cert_types = IN_HOUSE, \
		.also = DISTRIBUTION_BIT, .max_certs = 1, .word = (word_)       \
	}
#define DIRECT_ROW(name, family_, word_)                                               \
	{                                                                              \
		.api = (name), .kind = PROFILE_DEVELOPER_ID, .family = (family_),      \
		.cert_type = AUTHORITY_CERT_DEVELOPER_ID, .cert_types = DEVELOPER_IDS, \
		.word = (word_)                                                        \
	}

const struct profile_rule profile_rules[] = {
	DEVELOPMENT_ROW("IOS_APP_DEVELOPMENT", AUTHORITY_IOS, IOS_DEVELOPERS,
	                "Development"),
	ADHOC_ROW("IOS_APP_ADHOC", AUTHORITY_IOS, "AdHoc"),
	STORE_ROW("IOS_APP_STORE", AUTHORITY_IOS, IOS_DISTRIBUTORS, "AppStore"),
	IN_HOUSE_ROW("IOS_APP_INHOUSE", AUTHORITY_IOS, "InHouse"),
	DEVELOPMENT_ROW("TVOS_APP_DEVELOPMENT", AUTHORITY_TVOS, IOS_DEVELOPERS,
	                "tvOS Development"),
	ADHOC_ROW("TVOS_APP_ADHOC", AUTHORITY_TVOS, "tvOS AdHoc"),
	STORE_ROW("TVOS_APP_STORE", AUTHORITY_TVOS, IOS_DISTRIBUTORS, "tvOS AppStore"),
	IN_HOUSE_ROW("TVOS_APP_INHOUSE", AUTHORITY_TVOS, "tvOS InHouse"),
	DEVELOPMENT_ROW("MAC_APP_DEVELOPMENT", AUTHORITY_MAC, MAC_DEVELOPERS,
	                "macOS Development"),
	STORE_ROW("MAC_APP_STORE", AUTHORITY_MAC, MAC_DISTRIBUTORS, "macOS AppStore"),
	DIRECT_ROW("MAC_APP_DIRECT", AUTHORITY_MAC, "macOS Direct"),
	DEVELOPMENT_ROW("MAC_CATALYST_APP_DEVELOPMENT", AUTHORITY_CATALYST,
	                MAC_DEVELOPERS, "Catalyst Development"),
	STORE_ROW("MAC_CATALYST_APP_STORE", AUTHORITY_CATALYST, MAC_DISTRIBUTORS,
	          "Catalyst AppStore"),
	DIRECT_ROW("MAC_CATALYST_APP_DIRECT", AUTHORITY_CATALYST, "Catalyst Direct"),
};
const size_t profile_rule_count = ARRAY_LEN(profile_rules);

const struct profile_rule *profile_rule_find(int64_t kind, int64_t family)
{
	for (size_t i = 0; i < profile_rule_count; i++)
		if (profile_rules[i].kind == kind && profile_rules[i].family == family)
			return &profile_rules[i];
	return NULL;
}

bool authority_profile_of_api(enum profile_kind *kind, enum authority_family *family,
                              const char *api)
{
	for (size_t i = 0; i < profile_rule_count; i++) {
		if (strcmp(profile_rules[i].api, api) != 0)
			continue;
		*kind = profile_rules[i].kind;
		*family = profile_rules[i].family;
		return true;
	}
	return false;
}

#define MAC_APP_ID "com.apple.application-identifier"

const struct family_rule family_rules[AUTHORITY_FAMILY_COUNT] = {
	[AUTHORITY_IOS] = { "IOS",
	                    { "iOS", "xrOS", "visionOS", NULL },
	                    "ios",
	                    "application-identifier" },
	[AUTHORITY_TVOS] = { "IOS",
	                     { "tvOS", NULL },
	                     "tvos",
	                     "application-identifier" },
	[AUTHORITY_MAC] = { "MAC_OS", { "OSX", NULL }, "mac", MAC_APP_ID },
	[AUTHORITY_CATALYST] = { "MAC_OS", { "OSX", NULL }, "mac", MAC_APP_ID },
};

/* ---- devices ---- */

#define IOS_BIT  FAMILY_BIT(AUTHORITY_IOS)
#define TVOS_BIT FAMILY_BIT(AUTHORITY_TVOS)
#define MAC_BITS (FAMILY_BIT(AUTHORITY_MAC) | FAMILY_BIT(AUTHORITY_CATALYST))

const struct device_rule device_rules[] = {
	{ "IPHONE", "IOS", IOS_BIT, false },
	{ "IPAD", "IOS", IOS_BIT, false },
	{ "IPOD", "IOS", IOS_BIT, false },
	{ "APPLE_WATCH", "IOS", IOS_BIT, false },
	{ "APPLE_TV", "IOS", TVOS_BIT, false },
	{ "APPLE_VISION_PRO", "IOS", IOS_BIT, false },
	{ "MAC", "MAC_OS", MAC_BITS, true },
};
const size_t device_rule_count = ARRAY_LEN(device_rules);
_Static_assert(ARRAY_LEN(device_rules) <= AUTHORITY_PLACES_MAX, "room for all");

const struct device_rule *device_rule_find(const char *device_class)
{
	for (size_t i = 0; i < device_rule_count; i++)
		if (strcmp(device_rules[i].name, device_class) == 0)
			return &device_rules[i];
	return NULL;
}

/* ---- capabilities ---- */

#define DEV        "com.apple.developer."
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Values as real profiles have them, where one was seen. */
static const struct capability_rule capability_rules[] = {
	{ "ACCESS_WIFI_INFORMATION", DEV "networking.wifi-info", GRANT_TRUE, NULL },
	{ "APPLE_ID_AUTH", DEV "applesignin", GRANT_WORDS, WORDS("Default") },
	{ "APPLE_PAY", DEV "in-app-payments", GRANT_EMPTY_LIST, NULL },
	{ "APP_ATTEST", DEV "devicecheck.appattest-environment", GRANT_WORDS,
	  WORDS("development", "production") },
	{ "APP_GROUPS", "com.apple.security.application-groups", GRANT_EMPTY_LIST,
	  NULL },
	{ "ASSOCIATED_DOMAINS", DEV "associated-domains", GRANT_ANY, NULL },
	{ "AUTOFILL_CREDENTIAL_PROVIDER",
	  DEV "authentication-services.autofill-credential-provider", GRANT_TRUE,
	  NULL },
	{ "CLASSKIT", DEV "ClassKit-environment", GRANT_ENVIRONMENTS, NULL },
	{ "COREMEDIA_HLS_LOW_LATENCY", DEV "coremedia.hls.low-latency", GRANT_TRUE,
	  NULL },
	{ "DATA_PROTECTION", DEV "default-data-protection", GRANT_TEXT,
	  WORDS("NSFileProtectionComplete") },
	{ "EXTENDED_VIRTUAL_ADDRESSING", DEV "kernel.extended-virtual-addressing",
	  GRANT_TRUE, NULL },
	{ "FAMILY_CONTROLS", DEV "family-controls", GRANT_TRUE, NULL },
	{ "FILEPROVIDER_TESTINGMODE", DEV "fileprovider.testing-mode", GRANT_TRUE,
	  NULL },
	{ "FONT_INSTALLATION", DEV "user-fonts", GRANT_WORDS,
	  WORDS("app-usage", "system-installation") },
	{ "GAME_CENTER", DEV "game-center", GRANT_TRUE, NULL },
	{ "GROUP_ACTIVITIES", DEV "group-session", GRANT_TRUE, NULL },
	{ "HEALTHKIT", DEV "healthkit", GRANT_TRUE, NULL },
	{ "HEALTHKIT_RECALIBRATE_ESTIMATES", DEV "healthkit.recalibrate-estimates",
	  GRANT_TRUE, NULL },
	{ "HOMEKIT", DEV "homekit", GRANT_TRUE, NULL },
	{ "HOT_SPOT", DEV "networking.HotspotConfiguration", GRANT_TRUE, NULL },
	{ "ICLOUD", DEV "icloud-services", GRANT_ANY, NULL },
	{ "ICLOUD", DEV "icloud-container-identifiers", GRANT_EMPTY_LIST, NULL },
	{ "ICLOUD", DEV "icloud-container-development-container-identifiers",
	  GRANT_EMPTY_LIST, NULL },
	{ "ICLOUD", DEV "icloud-container-environment", GRANT_WORDS,
	  WORDS("Development", "Production") },
	{ "ICLOUD", DEV "ubiquity-container-identifiers", GRANT_EMPTY_LIST, NULL },
	{ "ICLOUD", DEV "ubiquity-kvstore-identifier", GRANT_PREFIX_TEXT, NULL },
	{ "INCREASED_MEMORY_LIMIT", DEV "kernel.increased-memory-limit", GRANT_TRUE,
	  NULL },
	{ "INTER_APP_AUDIO", "inter-app-audio", GRANT_TRUE, NULL },
	{ "IN_APP_PURCHASE", NULL, GRANT_TRUE, NULL },
	{ "JOURNALING_SUGGESTIONS", DEV "journal.allow", GRANT_WORDS,
	  WORDS("suggestions") },
	{ "MAPS", DEV "maps", GRANT_TRUE, NULL },
	{ "MATTER_ALLOW_SETUP_PAYLOAD", DEV "matter.allow-setup-payload", GRANT_TRUE,
	  NULL },
	{ "MDM_MANAGED_ASSOCIATED_DOMAINS", DEV "associated-domains.mdm-managed",
	  GRANT_TRUE, NULL },
	{ "MEDIA_DEVICE_DISCOVERY", DEV "media-device-discovery-extension", GRANT_TRUE,
	  NULL },
	{ "MESSAGES_COLLABORATION", DEV "shared-with-you.collaboration", GRANT_TRUE,
	  NULL },
	{ "MULTIPATH", DEV "networking.multipath", GRANT_TRUE, NULL },
	{ "NETWORK_CUSTOM_PROTOCOL", DEV "networking.custom-protocol", GRANT_TRUE,
	  NULL },
	{ "NETWORK_EXTENSIONS", DEV "networking.networkextension", GRANT_WORDS,
	  WORDS("app-proxy-provider", "content-filter-provider",
	        "packet-tunnel-provider", "dns-proxy", "dns-settings") },
	{ "NFC_TAG_READING", DEV "nfc.readersession.formats", GRANT_WORDS,
	  WORDS("NDEF", "TAG") },
	{ "PERSONAL_VPN", DEV "networking.vpn.api", GRANT_WORDS, WORDS("allow-vpn") },
	{ "PUSH_NOTIFICATIONS", "aps-environment", GRANT_ENVIRONMENT, NULL },
	{ "PUSH_TO_TALK", DEV "push-to-talk", GRANT_TRUE, NULL },
	{ "SENSITIVE_CONTENT_ANALYSIS", DEV "sensitivecontentanalysis.client",
	  GRANT_WORDS, WORDS("analysis") },
	{ "SHALLOW_DEPTH_PRESSURE", DEV "submerged-shallow-depth-and-pressure",
	  GRANT_TRUE, NULL },
	{ "SHARED_WITH_YOU", DEV "shared-with-you", GRANT_TRUE, NULL },
	{ "SIRIKIT", DEV "siri", GRANT_TRUE, NULL },
	{ "SYSTEM_EXTENSION_INSTALL", DEV "system-extension.install", GRANT_TRUE,
	  NULL },
	{ "TAP_TO_DISPLAY_ID", DEV "proximity-reader.identity.display", GRANT_TRUE,
	  NULL },
	{ "TAP_TO_PAY_ON_IPHONE", DEV "proximity-reader.payment.acceptance", GRANT_TRUE,
	  NULL },
	{ "USERNOTIFICATIONS_COMMUNICATION", DEV "usernotifications.communication",
	  GRANT_TRUE, NULL },
	{ "USERNOTIFICATIONS_TIMESENSITIVE", DEV "usernotifications.time-sensitive",
	  GRANT_TRUE, NULL },
	{ "USER_MANAGEMENT", DEV "user-management", GRANT_TRUE, NULL },
	{ "WALLET", DEV "pass-type-identifiers", GRANT_PREFIX_LIST, NULL },
	{ "WEATHERKIT", DEV "weatherkit", GRANT_TRUE, NULL },
	{ "WIRELESS_ACCESSORY_CONFIGURATION",
	  "com.apple.external-accessory.wireless-configuration", GRANT_TRUE, NULL },
	{ NULL, NULL, GRANT_TRUE, NULL },
};

/*
 * Apple publishes no table: what is not known to be allowed needs an explicit App
 * ID (asc.md 4.6).
 */
static const struct {
	const char *capability, *source;
} wildcard_rules[] = {
	{ "DATA_PROTECTION", "asc.md 4.6, not settled" },
	{ "HOMEKIT", "asc.md 4.6, not settled" },
	{ "INTER_APP_AUDIO", "asc.md 4.6" },
	{ "PERSONAL_VPN", "asc.md 4.6, not settled" },
	{ "WALLET", "seen in wildcard profiles of 2017" },
	{ "WIRELESS_ACCESSORY_CONFIGURATION", "asc.md 4.6" },
};

const char *const capability_defaults[] = { "GAME_CENTER", "IN_APP_PURCHASE", NULL };

const struct capability_rule *capability_find(const char *capability)
{
	for (const struct capability_rule *r = capability_rules; r->capability != NULL;
	     r++)
		if (strcmp(r->capability, capability) == 0)
			return r;
	return NULL;
}

const char *capability_named(const char *name)
{
	const struct capability_rule *first = capability_find(name);

	if (first != NULL)
		return first->capability;
	for (const struct capability_rule *r = capability_rules; r->capability != NULL;
	     r++)
		if (r->entitlement != NULL && strcmp(r->entitlement, name) == 0)
			return r->capability;
	return NULL;
}

bool authority_needs_explicit_id(const char *entitlement)
{
	const char *capability = capability_named(entitlement);

	return capability != NULL && !capability_is_for_wildcards(capability);
}

bool capability_is_for_wildcards(const char *capability)
{
	for (size_t i = 0; i < ARRAY_LEN(wildcard_rules); i++)
		if (strcmp(wildcard_rules[i].capability, capability) == 0)
			return true;
	return false;
}

/* ---- names ---- */

/* Control characters, and those that XML 1.0 has no place for. */
static bool is_printable(uint32_t c)
{
	return c >= 0x20 && (c < 0x7f || c > 0x9f) && c != 0xfffe && c != 0xffff;
}

bool rules_check_name(const char *what, const char *text, size_t max, struct error *err)
{
	struct slice rest = slice_str(text);
	uint32_t c = 0;

	if (rest.n == 0 || rest.n > max)
		return error_set(err, ERROR_USAGE, "%s has 1 to %zu bytes, not %zu",
		                 what, max, rest.n);
	while (rest.n > 0) {
		size_t n = utf8_next(&c, rest);

		if (n == 0)
			return error_set(err, ERROR_USAGE, "%s is not UTF-8", what);
		if (!is_printable(c))
			return error_set(err, ERROR_USAGE,
			                 "%s has a control character (U+%04X)", what,
			                 (unsigned)c);
		rest = slice_of(rest.p + n, rest.n - n);
	}
	return true;
}

/* ---- the membership year ---- */

/* The anniversary of created_s in the year of now_s, or years after it. */
static int64_t anniversary(int64_t created_s, int64_t now_s, int years)
{
	int year, month, day, hour, minute, second, now_year, ignored;

	clock_to_civil(created_s, &year, &month, &day, &hour, &minute, &second);
	clock_to_civil(now_s, &now_year, &ignored, &ignored, &ignored, &ignored,
	               &ignored);
	return clock_from_civil(now_year + years, month, day, hour, minute, second);
}

int64_t rules_year_start(int64_t created_s, int64_t now_s)
{
	int64_t this_year = anniversary(created_s, now_s, 0);

	return this_year <= now_s ? this_year : anniversary(created_s, now_s, -1);
}

int64_t rules_year_end(int64_t created_s, int64_t now_s)
{
	int64_t this_year = anniversary(created_s, now_s, 0);

	return this_year > now_s ? this_year : anniversary(created_s, now_s, 1);
}
