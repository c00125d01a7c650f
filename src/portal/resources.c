/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/resources_impl.h"

#include <string.h>

#include "portal/portal_impl.h"

const char *const words_platform[] = { "IOS", "MAC_OS", "UNIVERSAL", NULL };
const char *const words_status[] = { "ENABLED", "DISABLED", NULL };
static const char *const words_state[] = { "ACTIVE", "INVALID", NULL };

const char *const words_profile_type[] = { "IOS_APP_DEVELOPMENT",
	                                   "IOS_APP_STORE",
	                                   "IOS_APP_ADHOC",
	                                   "IOS_APP_INHOUSE",
	                                   "MAC_APP_DEVELOPMENT",
	                                   "MAC_APP_STORE",
	                                   "MAC_APP_DIRECT",
	                                   "TVOS_APP_DEVELOPMENT",
	                                   "TVOS_APP_STORE",
	                                   "TVOS_APP_ADHOC",
	                                   "TVOS_APP_INHOUSE",
	                                   "MAC_CATALYST_APP_DEVELOPMENT",
	                                   "MAC_CATALYST_APP_STORE",
	                                   "MAC_CATALYST_APP_DIRECT",
	                                   NULL };

/* All of Apple's; authority_cert_of_api() knows those that the portal issues. */
const char *const words_certificate_type[] = { "APPLE_PAY",
	                                       "APPLE_PAY_MERCHANT_IDENTITY",
	                                       "APPLE_PAY_PSP_IDENTITY",
	                                       "APPLE_PAY_RSA",
	                                       "DEVELOPER_ID_KEXT",
	                                       "DEVELOPER_ID_KEXT_G2",
	                                       "DEVELOPER_ID_APPLICATION",
	                                       "DEVELOPER_ID_APPLICATION_G2",
	                                       "DEVELOPMENT",
	                                       "DISTRIBUTION",
	                                       "IDENTITY_ACCESS",
	                                       "IOS_DEVELOPMENT",
	                                       "IOS_DISTRIBUTION",
	                                       "MAC_APP_DISTRIBUTION",
	                                       "MAC_INSTALLER_DISTRIBUTION",
	                                       "MAC_APP_DEVELOPMENT",
	                                       "PASS_TYPE_ID",
	                                       "PASS_TYPE_ID_WITH_NFC",
	                                       NULL };

bool is_word(const char *const *words, const char *word)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static const struct attribute no_attributes[] = { { .name = NULL } };
static const struct relation no_relations[] = { { .name = NULL } };
static const struct filter no_filters[] = { { .name = NULL } };
static const char *const no_sorts[] = { NULL };

/* ---- bundleIds ---- */

static const struct attribute bundle_id_attributes[] = { { "name", ATTRIBUTE_TEXT },
	                                                 { "platform", ATTRIBUTE_TEXT },
	                                                 { "identifier",
	                                                   ATTRIBUTE_TEXT },
	                                                 { "seedId", ATTRIBUTE_TEXT },
	                                                 { NULL, ATTRIBUTE_TEXT } };
static const struct relation bundle_id_relations[] = {
	{ "profiles", "profiles", RESOURCE_PROFILES, true, AUTHORITY_LINK_APP_PROFILES,
	  false },
	{ "bundleIdCapabilities", "bundleIdCapabilities", RESOURCE_CAPABILITIES, true,
	  AUTHORITY_LINK_APP_CAPABILITIES, false },
	{ "app", "apps", -1, false, AUTHORITY_LINK_COUNT, false },
	{ .name = NULL }
};
static const struct filter bundle_id_filters[] = {
	{ "name", FILTER_CONTAINS, NULL },
	{ "platform", FILTER_PLATFORM, words_platform },
	{ "identifier", FILTER_CONTAINS, NULL },
	{ "seedId", FILTER_EXACT, NULL },
	{ "id", FILTER_EXACT, NULL },
	{ NULL, FILTER_EXACT, NULL }
};
static const char *const bundle_id_sorts[] = { "name",   "platform", "identifier",
	                                       "seedId", "id",       NULL };

/* ---- bundleIdCapabilities ---- */

static const struct attribute capability_attributes[] = {
	{ "capabilityType", ATTRIBUTE_TEXT },
	{ "settings", ATTRIBUTE_JSON },
	{ NULL, ATTRIBUTE_TEXT }
};

/* ---- certificates ---- */

/* csrContent was in answers until API 3.2; codemagic's reader wants the key. */
static const struct attribute certificate_attributes[] = {
	{ "name", ATTRIBUTE_TEXT },
	{ "certificateType", ATTRIBUTE_TEXT },
	{ "displayName", ATTRIBUTE_TEXT },
	{ "serialNumber", ATTRIBUTE_TEXT },
	{ "platform", ATTRIBUTE_TEXT },
	{ "expirationDate", ATTRIBUTE_TIME },
	{ "certificateContent", ATTRIBUTE_BYTES },
	{ "csrContent", ATTRIBUTE_NULL },
	{ "activated", ATTRIBUTE_NULL },
	{ NULL, ATTRIBUTE_TEXT }
};
static const struct relation certificate_relations[] = {
	{ "passTypeId", "passTypeIds", RESOURCE_PASS_TYPE_IDS, false,
	  AUTHORITY_LINK_NOTHING, true },
	{ .name = NULL }
};
static const struct filter certificate_filters[] = {
	{ "displayName", FILTER_CONTAINS, NULL },
	{ "certificateType", FILTER_EXACT, words_certificate_type },
	{ "serialNumber", FILTER_SERIAL, NULL },
	{ "id", FILTER_EXACT, NULL },
	{ NULL, FILTER_EXACT, NULL }
};
static const char *const certificate_sorts[] = { "displayName", "certificateType",
	                                         "serialNumber", "id", NULL };

/* ---- devices ---- */

static const struct attribute device_attributes[] = {
	{ "name", ATTRIBUTE_TEXT },      { "platform", ATTRIBUTE_TEXT },
	{ "udid", ATTRIBUTE_TEXT },      { "deviceClass", ATTRIBUTE_TEXT },
	{ "status", ATTRIBUTE_TEXT },    { "model", ATTRIBUTE_TEXT },
	{ "addedDate", ATTRIBUTE_TIME }, { NULL, ATTRIBUTE_TEXT }
};
static const struct filter device_filters[] = {
	{ "name", FILTER_CONTAINS, NULL },
	{ "platform", FILTER_PLATFORM, words_platform },
	{ "udid", FILTER_UDID, NULL },
	{ "status", FILTER_EXACT, words_status },
	{ "id", FILTER_EXACT, NULL },
	{ NULL, FILTER_EXACT, NULL }
};
static const char *const device_sorts[] = { "name",   "platform", "udid",
	                                    "status", "id",       NULL };

/* ---- profiles ---- */

static const struct attribute profile_attributes[] = {
	{ "name", ATTRIBUTE_TEXT },
	{ "platform", ATTRIBUTE_TEXT },
	{ "profileType", ATTRIBUTE_TEXT },
	{ "profileState", ATTRIBUTE_TEXT },
	{ "profileContent", ATTRIBUTE_BYTES },
	{ "uuid", ATTRIBUTE_TEXT },
	{ "createdDate", ATTRIBUTE_TIME },
	{ "expirationDate", ATTRIBUTE_TIME },
	{ NULL, ATTRIBUTE_TEXT }
};
static const struct relation profile_relations[] = {
	{ "bundleId", "bundleIds", RESOURCE_BUNDLE_IDS, false,
	  AUTHORITY_LINK_PROFILE_APP, false },
	{ "devices", "devices", RESOURCE_DEVICES, true, AUTHORITY_LINK_PROFILE_DEVICES,
	  false },
	{ "certificates", "certificates", RESOURCE_CERTIFICATES, true,
	  AUTHORITY_LINK_PROFILE_CERTIFICATES, false },
	{ .name = NULL }
};
static const struct filter profile_filters[] = {
	{ "name", FILTER_CONTAINS, NULL },
	{ "profileType", FILTER_EXACT, words_profile_type },
	{ "profileState", FILTER_EXACT, words_state },
	{ "id", FILTER_EXACT, NULL },
	{ NULL, FILTER_EXACT, NULL }
};
static const char *const profile_sorts[] = { "name", "profileType", "profileState",
	                                     "id", NULL };

/* ---- merchantIds, passTypeIds ---- */

static const struct attribute identifier_attributes[] = { { "name", ATTRIBUTE_TEXT },
	                                                  { "identifier",
	                                                    ATTRIBUTE_TEXT },
	                                                  { NULL, ATTRIBUTE_TEXT } };
static const struct relation identifier_relations[] = {
	{ "certificates", "certificates", RESOURCE_CERTIFICATES, true,
	  AUTHORITY_LINK_NOTHING, true },
	{ .name = NULL }
};
static const struct filter merchant_filters[] = { { "name", FILTER_CONTAINS, NULL },
	                                          { "identifier", FILTER_CONTAINS,
	                                            NULL },
	                                          { NULL, FILTER_EXACT, NULL } };
static const struct filter pass_filters[] = { { "name", FILTER_CONTAINS, NULL },
	                                      { "identifier", FILTER_CONTAINS, NULL },
	                                      { "id", FILTER_EXACT, NULL },
	                                      { NULL, FILTER_EXACT, NULL } };
static const char *const merchant_sorts[] = { "name", "identifier", NULL };
static const char *const pass_sorts[] = { "name", "identifier", "id", NULL };

const struct resource resources[RESOURCE_COUNT] = {
	[RESOURCE_BUNDLE_IDS] = { .type = "bundleIds",
	                          .source = AUTHORITY_BUNDLE_IDS,
	                          .shown = "",
	                          .attributes = bundle_id_attributes,
	                          .relations = bundle_id_relations,
	                          .filters = bundle_id_filters,
	                          .sorts = bundle_id_sorts,
	                          .has_collection = true,
	                          .has_instance = true,
	                          .create = bundle_ids_create,
	                          .update = bundle_ids_update,
	                          .remove = bundle_ids_delete },
	[RESOURCE_CAPABILITIES] = { .type = "bundleIdCapabilities",
	                            .source = AUTHORITY_CAPABILITIES,
	                            .shown = "",
	                            .attributes = capability_attributes,
	                            .relations = no_relations,
	                            .filters = no_filters,
	                            .sorts = no_sorts,
	                            .create = capabilities_create,
	                            .update = capabilities_update,
	                            .remove = capabilities_delete },
	[RESOURCE_CERTIFICATES] = { .type = "certificates",
	                            .source = AUTHORITY_CERTIFICATES,
	                            .shown = "",
	                            .attributes = certificate_attributes,
	                            .relations = certificate_relations,
	                            .filters = certificate_filters,
	                            .sorts = certificate_sorts,
	                            .has_collection = true,
	                            .has_instance = true,
	                            .create = certificates_create,
	                            .update = certificates_update,
	                            .remove = certificates_delete },
	[RESOURCE_DEVICES] = { .type = "devices",
	                       .source = AUTHORITY_DEVICES,
	                       .shown = "",
	                       .attributes = device_attributes,
	                       .relations = no_relations,
	                       .filters = device_filters,
	                       .sorts = device_sorts,
	                       .has_collection = true,
	                       .has_instance = true,
	                       .create = devices_create,
	                       .update = devices_update },
	/* Expired ones are left out, but their App ID shows them (asc.md 1.6). */
	[RESOURCE_PROFILES] = { .type = "profiles",
	                        .source = AUTHORITY_PROFILES,
	                        .shown = "AND \"profileState\" <> 'EXPIRED' ",
	                        .attributes = profile_attributes,
	                        .relations = profile_relations,
	                        .filters = profile_filters,
	                        .sorts = profile_sorts,
	                        .has_collection = true,
	                        .has_instance = true,
	                        .create = profiles_create,
	                        .remove = profiles_delete },
	[RESOURCE_MERCHANT_IDS] = { .type = "merchantIds",
	                            .source = AUTHORITY_MERCHANT_IDS,
	                            .shown = "",
	                            .attributes = identifier_attributes,
	                            .relations = identifier_relations,
	                            .filters = merchant_filters,
	                            .sorts = merchant_sorts,
	                            .has_collection = true,
	                            .has_instance = true,
	                            .create = identifiers_create,
	                            .update = identifiers_update,
	                            .remove = identifiers_delete },
	[RESOURCE_PASS_TYPE_IDS] = { .type = "passTypeIds",
	                             .source = AUTHORITY_PASS_TYPE_IDS,
	                             .shown = "",
	                             .attributes = identifier_attributes,
	                             .relations = identifier_relations,
	                             .filters = pass_filters,
	                             .sorts = pass_sorts,
	                             .has_collection = true,
	                             .has_instance = true,
	                             .create = identifiers_create,
	                             .update = identifiers_update,
	                             .remove = identifiers_delete },
};

const struct resource resource_none = {
	.type = "",
	.shown = "",
	.attributes = no_attributes,
	.relations = no_relations,
	.filters = no_filters,
	.sorts = no_sorts,
};

const struct resource *resource_find(const char *type)
{
	for (size_t i = 0; i < RESOURCE_COUNT; i++)
		if (strcmp(resources[i].type, type) == 0)
			return &resources[i];
	return NULL;
}

const struct relation *relation_find(const struct resource *r, const char *name)
{
	for (const struct relation *rel = r->relations; rel->name != NULL; rel++)
		if (strcmp(rel->name, name) == 0)
			return rel;
	return NULL;
}

size_t attribute_count(const struct resource *r)
{
	size_t n = 0;

	while (r->attributes[n].name != NULL)
		n++;
	return n;
}

size_t relation_count(const struct resource *r)
{
	size_t n = 0;

	while (r->relations[n].name != NULL)
		n++;
	return n;
}

uint32_t field_bit(const struct resource *r, const char *name)
{
	for (size_t i = 0; r->attributes[i].name != NULL; i++)
		if (strcmp(r->attributes[i].name, name) == 0)
			return (uint32_t)1 << i;
	for (size_t i = 0; r->relations[i].name != NULL; i++)
		if (strcmp(r->relations[i].name, name) == 0)
			return relation_bit(i);
	return 0;
}
