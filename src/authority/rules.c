/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a capability grants (spec asc.md Appendix C), as data.
 */
#include <string.h>

#include "authority/authority_impl.h"

#define DEV "com.apple.developer."

/* Wildcard App IDs carry few capabilities; the others need an explicit one. */
const struct capability_rule capability_rules[] = {
	{ "PUSH_NOTIFICATIONS", "aps-environment", GRANT_APS, false },
	{ "APP_GROUPS", "com.apple.security.application-groups", GRANT_EMPTY_LIST,
	  false },
	{ "ASSOCIATED_DOMAINS", DEV "associated-domains", GRANT_ANY, false },
	{ "APPLE_ID_AUTH", DEV "applesignin", GRANT_DEFAULT_LIST, false },
	{ "APPLE_PAY", DEV "in-app-payments", GRANT_EMPTY_LIST, false },
	{ "HEALTHKIT", DEV "healthkit", GRANT_TRUE, false },
	{ "HOMEKIT", DEV "homekit", GRANT_TRUE, true },
	{ "SIRIKIT", DEV "siri", GRANT_TRUE, false },
	{ "WALLET", DEV "pass-type-identifiers", GRANT_PREFIX_LIST, true },
	{ "ICLOUD", DEV "icloud-services", GRANT_ANY, false },
	{ "HOT_SPOT", DEV "networking.HotspotConfiguration", GRANT_TRUE, true },
	{ "MULTIPATH", DEV "networking.multipath", GRANT_TRUE, true },
	{ "ACCESS_WIFI_INFORMATION", DEV "networking.wifi-info", GRANT_TRUE, true },
	{ "WIRELESS_ACCESSORY_CONFIGURATION",
	  "com.apple.external-accessory.wireless-configuration", GRANT_TRUE, true },
	{ "INTER_APP_AUDIO", "inter-app-audio", GRANT_TRUE, true },
	{ "DATA_PROTECTION", DEV "default-data-protection", GRANT_PROTECTION, true },
	{ "GAME_CENTER", DEV "game-center", GRANT_TRUE, false },
	{ NULL, NULL, GRANT_TRUE, false },
};

const struct capability_rule *capability_find(const char *capability)
{
	for (const struct capability_rule *r = capability_rules; r->capability != NULL;
	     r++)
		if (strcmp(r->capability, capability) == 0)
			return r;
	return NULL;
}
