/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real files: every one is read, or refused with a reason; and what is known of them.
 */
#include "artifact/find.h"

#include <stdio.h>

#include "support/harness.h"
#include "support/secrets.h"
#include "util/clock.h"
#include "util/mem.h"

static struct trust apple;

static bool list_real(struct artifact_list *out, const char *folder)
{
	AUTO(drop_str) char *path = mem_format("%s/%s", TESTDATA_DIR, folder);
	const struct artifact_find_how usual = { 0 };
	struct error err = { 0 };

	test_secrets();
	if (!apple.is_apple)
		trust_apple(&apple);
	if (artifact_find(out, path, &usual, &err))
		return true;
	printf("# skipped: no test data\n");
	return false;
}

/* How many of the folder are read as this kind; refusals have a text. */
static size_t read_all(const char *folder, enum artifact_kind kind, size_t *listed)
{
	AUTO(artifact_list_free) struct artifact_list list = { 0 };
	const struct artifact_how how = { .trust = &apple };
	size_t count = 0;

	*listed = 0;
	if (!list_real(&list, folder))
		return 0;
	*listed = list.count;
	for (size_t i = 0; i < list.count; i++) {
		AUTO(artifact_free) struct artifact a = { 0 };
		struct error err = { 0 };

		if (!artifact_read(&a, list.items[i].path, &how, &err)) {
			CHECK(err.message[0] != '\0');
			continue;
		}
		count += a.kind == kind;
		for (size_t j = 1; j < a.end_count; j++)
			CHECK(a.ends[j - 1].until_s <= a.ends[j].until_s);
	}
	printf("# %s: %zu listed, %zu of the kind\n", folder, *listed, count);
	return count;
}

TEST(real_profiles_are_read_and_what_is_none_is_not)
{
	size_t listed, count = read_all("profiles", ARTIFACT_PROFILE, &listed);

	CHECK(listed == 0 || (listed >= 40 && count >= 28));
}

TEST(real_identities_and_certificates_are_read)
{
	size_t listed, count = read_all("identities", ARTIFACT_P12, &listed);

	CHECK(listed == 0 || (listed >= 60 && count >= 30));
}

TEST(apples_certificates_are_trusted)
{
	AUTO(artifact_list_free) struct artifact_list list = { 0 };
	const struct artifact_how how = { .trust = &apple };
	size_t trusted = 0, generations = 0;

	if (!list_real(&list, "certs/apple"))
		return;
	for (size_t i = 0; i < list.count; i++) {
		AUTO(artifact_free) struct artifact a = { 0 };
		struct error err = { 0 };

		REQUIRE_OK(artifact_read(&a, list.items[i].path, &how, &err), &err);
		REQUIRE(a.cert_count > 0);
		trusted += a.certs[0].trust == TRUST_OK;
		generations += a.certs[0].generation[0] == 'G';
	}
	CHECK(list.count > 20 && trusted > list.count / 2);
	printf("# %zu certificates, %zu trusted, %zu with a generation\n", list.count,
	       trusted, generations);
}

TEST(real_apps_say_who_and_until_when)
{
	AUTO(artifact_list_free) struct artifact_list list = { 0 };
	const struct artifact_how how = { .trust = &apple };
	size_t read = 0, by_somebody = 0, ending = 0, with_profile = 0, trusted = 0;

	if (!list_real(&list, "apps"))
		return;
	for (size_t i = 0; i < list.count; i++) {
		AUTO(artifact_free) struct artifact a = { 0 };
		struct error err = { 0 };

		if (!artifact_read(&a, list.items[i].path, &how, &err)) {
			CHECK(err.message[0] != '\0');
			continue;
		}
		const struct artifact_cert *signer = artifact_signer(&a);
		read++;
		by_somebody += signer != NULL;
		trusted += signer != NULL && signer->trust == TRUST_OK;
		with_profile += artifact_profile(&a) != NULL;
		ending += artifact_end(&a) != NULL;
		/* All of these are years old. */
		CHECK(artifact_end(&a) == NULL || signer == NULL ||
		      signer->is_self_signed || artifact_end(&a)->until_s < 1767225600);
	}
	printf("# %zu apps, %zu signed, %zu trusted, %zu with a profile\n", read,
	       by_somebody, trusted, with_profile);
	CHECK(read >= 20 && by_somebody >= 15 && trusted >= 10 && with_profile >= 15);
	CHECK(ending >= by_somebody);
}
