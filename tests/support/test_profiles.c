/* SPDX-License-Identifier: Apache-2.0 */
#include "support/test_profiles.h"

bool test_profiles_make(struct test_profiles *f, struct error *err)
{
	char udid[32];

	test_portal_udid(udid, 0);
	if (!test_portal_make(&f->p, err) ||
	    !authority_app_add(f->p.a, TEST_PROFILES_APP, "Shop", err) ||
	    !authority_app_add(f->p.a, "com.acme.*", "Any", err) ||
	    !authority_device_add(f->p.a, udid, "Phone", NULL, err))
		return false;
	for (size_t i = 0; i <= AUTHORITY_CERT_ENTERPRISE; i++)
		if (!test_portal_cert(f->serials[i], &f->p, (enum authority_cert_type)i,
		                      i, err))
			return false;
	return true;
}

void test_profiles_free(struct test_profiles *f)
{
	test_portal_free(&f->p);
}

void test_made_free(struct test_made *m)
{
	authority_profile_list_free(&m->list);
	profile_free(&m->profile);
}

bool test_profiles_create(struct test_made *out, struct test_profiles *f,
                          const struct authority_profile_request *request,
                          struct error *err)
{
	return authority_profile_create(&out->list, f->p.a, request, err) &&
	       profile_parse(&out->profile, out->list.items[0].content, err);
}

bool test_profiles_named(struct test_made *out, struct test_profiles *f,
                         enum profile_kind kind, const char *name, struct error *err)
{
	const struct authority_profile_request request = {
		.kind = kind, .identifier = TEST_PROFILES_APP, .name = name
	};

	return test_profiles_create(out, f, &request, err);
}

bool test_profiles_device(struct test_profiles *f, size_t number,
                          const char *device_class, struct error *err)
{
	char udid[32];

	test_portal_udid(udid, number);
	return authority_device_add(f->p.a, udid, "D", device_class, err);
}

bool test_profiles_for_device(struct test_made *out, struct test_profiles *f,
                              enum profile_kind kind, const char *udid,
                              const char *name, struct error *err)
{
	const char *const udids[] = { udid, udid };
	const struct authority_profile_request request = { .kind = kind,
		                                           .identifier =
		                                                   TEST_PROFILES_APP,
		                                           .name = name,
		                                           .udids = udids,
		                                           .udid_count = 2 };

	return test_profiles_create(out, f, &request, err);
}
