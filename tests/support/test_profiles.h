/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_profiles.h - a portal that has all that profiles are made of, for tests.
 */
#pragma once

#include "support/test_portal.h"

#define TEST_PROFILES_APP "com.acme.shop"

/* One certificate of each type, one phone (number 0), the App ID and "com.acme.*". */
struct test_profiles {
	struct test_portal p;
	char serials[AUTHORITY_CERT_ENTERPRISE + 1][64]; /* of the first types */
};
NODISCARD bool test_profiles_make(struct test_profiles *out, struct error *err);
void test_profiles_free(struct test_profiles *f); /* for AUTO() */

/* Register one more. */
NODISCARD bool test_profiles_device(struct test_profiles *f, size_t number,
                                    const char *device_class, struct error *err);

/* What was made, and how profile/ reads it. */
struct test_made {
	struct authority_profile_list list;
	struct profile profile;
};
void test_made_free(struct test_made *m); /* for AUTO() */

NODISCARD bool test_profiles_create(struct test_made *out, struct test_profiles *f,
                                    const struct authority_profile_request *request,
                                    struct error *err);
/* For TEST_PROFILES_APP, with all that fits; name may be NULL. */
NODISCARD bool test_profiles_named(struct test_made *out, struct test_profiles *f,
                                   enum profile_kind kind, const char *name,
                                   struct error *err);
/* The same for one device, which is named twice. */
NODISCARD bool test_profiles_for_device(struct test_made *out, struct test_profiles *f,
                                        enum profile_kind kind, const char *udid,
                                        const char *name, struct error *err);
