/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge itself: good apps, what is listed, in what order, and who is asked.
 */

#include <stdio.h>
#include <stdlib.h>

#include "support/forge.h"
#include "support/harness.h"
#include "util/clock.h"
#include "util/mem.h"
#include "verify/devices.h"

static void no_device(struct forge *f)
{
	f->request.device = (struct verify_device){ 0 };
}

TEST(a_good_app_is_admitted)
{
	/* 1 */
	check_case(&(struct forge_case){ 0 });
	check_case(&(struct forge_case){ .ask = no_device });
	check_case(&(struct forge_case){ .app.app_only = true });
}

static void use_threads(struct forge *f)
{
	f->request.threads = 4;
}

TEST(a_good_app_has_no_findings_and_is_listed_whole)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };
	const struct forge_case how = { .ask = use_threads };
	struct error err = { 0 };

	REQUIRE_OK(forge_make(&f, &how, &err), &err);
	REQUIRE_OK(forge_judge(&v, &f, &err), &err);
	CHECK(v.findings.count == 0 && !v.unsigned_app);
	CHECK(v.non_apple_root);
	REQUIRE(v.item_count == 8);
	CHECK(v.code_slices == 8 && v.pages == 24 && v.sealed_files > 20);
	const struct verify_item *app = &v.items[0];
	CHECK_STR(app->path, "");
	CHECK(app->kind == BUNDLE_APP);
	CHECK_STR(app->id, GOOD_APP_ID);
	CHECK_STR(app->signer_cn, "Apple Development: Fake (AAAAAAAAAA)");
	CHECK_STR(app->team, FAKE_TEAM);
	CHECK_STR(app->profile_name, "Forged");
	CHECK_STR(app->archs, "arm64");
	size_t loose = 0, watch = 0, clips = 0;
	for (size_t i = 0; i < v.item_count; i++) {
		loose += v.items[i].kind == BUNDLE_LOOSE;
		watch += v.items[i].kind == BUNDLE_WATCH_APP;
		clips += v.items[i].kind == BUNDLE_CLIP;
		CHECK((v.items[i].id == NULL) == (v.items[i].kind == BUNDLE_LOOSE));
	}
	CHECK(loose == 2 && watch == 1 && clips == 1);
}

static void leave_unsigned(struct forge_code *c)
{
	c->leave_unsigned = true;
}

TEST(an_unsigned_app_is_told_from_unsigned_parts)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };
	AUTO(forge_free) struct forge g = { 0 };
	AUTO(verdict_free) struct verdict w = { 0 };
	const struct forge_case app = { .plan = leave_unsigned };
	const struct forge_case kit = { .at = "Frameworks/Kit.framework",
		                        .plan = leave_unsigned };
	struct error err = { 0 };

	REQUIRE_OK(forge_make(&f, &app, &err) && forge_judge(&v, &f, &err), &err);
	REQUIRE_OK(forge_make(&g, &kit, &err) && forge_judge(&w, &g, &err), &err);
	CHECK(v.unsigned_app && !w.unsigned_app);
}

/* ---- what is told of a profile ---- */

static void check_tests(const struct forge_case *how, const char *wanted)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };
	struct error err = { 0 };
	char told[256] = "";
	size_t n = 0;

	REQUIRE_OK(forge_make(&f, how, &err), &err);
	REQUIRE_OK(forge_judge(&v, &f, &err), &err);
	for (size_t i = 0; i < v.test_count; i++) {
		const struct verify_test *t = &v.tests[i];

		n += (size_t)snprintf(told + n, sizeof told - n, "%s%s %s%s",
		                      i > 0 ? ", " : "", t->name, t->ok ? "ok" : "bad",
		                      t->decides ? "!" : "");
		CHECK(t->text[0] != '\0');
	}
	CHECK_STR(told, wanted);
}

static void other_device(struct forge *f)
{
	f->request.device.udid = "00008030-001D2E3F40510026";
}

static void after_a_year(struct forge *f)
{
	f->request.at_s += 310 * CLOCK_DAY_S;
}

static void before_all(struct forge *f)
{
	f->request.at_s -= 40 * CLOCK_DAY_S;
}

static void both_wrong(struct forge *f)
{
	other_device(f);
	after_a_year(f);
}

static void for_another_app(struct forge_profile *p)
{
	pl_set(p->entitlements, "application-identifier",
	       pl_new_string(FAKE_TEAM ".com.ex.other"));
}

static void of_nobody(struct forge_profile *p)
{
	p->certs[0] = &fake_pki()->mac_signer.cert;
}

static void at_signing(struct forge *f)
{
	f->request.at_signing_time = true;
	other_device(f);
}

TEST(a_profile_is_put_to_four_tests)
{
	check_tests(&(struct forge_case){ .reason = NULL }, "");
	check_tests(&(struct forge_case){ .ask = other_device },
	            "signer ok, app id ok, device bad!, date ok");
	check_tests(&(struct forge_case){ .ask = after_a_year },
	            "signer ok, app id ok, device ok, date bad!");
	check_tests(&(struct forge_case){ .ask = before_all },
	            "signer ok, app id ok, device ok, date bad!");
	check_tests(&(struct forge_case){ .ask = both_wrong },
	            "signer ok, app id ok, device bad, date bad!");
	check_tests(&(struct forge_case){ .profile = for_another_app },
	            "signer ok, app id bad!, device ok, date ok");
	check_tests(&(struct forge_case){ .profile = of_nobody },
	            "signer bad!, app id ok, device ok, date ok");
	check_tests(&(struct forge_case){ .ask = at_signing },
	            "signer ok, app id ok, device bad!");
}

/* ---- findings ---- */

static void add(struct findings *f, const char *rule, const char *bundle,
                const char *found)
{
	findings_add(f, rule, bundle, 0, mem_copy("e"), mem_copy(found), NULL);
}

TEST(findings_come_in_a_devices_order)
{
	AUTO(findings_free) struct findings f = { 0 };

	add(&f, "devmode.off", "", "1");
	add(&f, "seal.added", "", "2");
	add(&f, "seal.weak", "", "3");
	add(&f, "bundle.empty", "", "4");
	add(&f, "seal.added", "", "5");
	add(&f, "profile.expired", "", "6");
	findings_sort(&f);
	REQUIRE(f.count == 6);
	static const char *const order[] = { "4", "6", "2", "5", "3", "1" };
	for (size_t i = 0; i < f.count; i++)
		CHECK_STR(f.items[i].found, order[i]);
	/* what does not block does not decide */
	CHECK_STR(findings_decisive(&f, STAGE_LAUNCH)->rule->id, "profile.expired");
	CHECK(findings_has(&f, "seal.weak") && !findings_has(&f, "seal.absent"));
	CHECK_STR(f.items[0].hint, "");
}

/* A step is done for all bundles, in it a bundle is done before the next (9.1). */
TEST(bundles_come_one_by_one_in_each_step)
{
	AUTO(findings_free) struct findings f = { 0 };
	static const struct {
		const char *rule;
		unsigned item;
	} found[] = { { "code.unsigned", 1 },
		      { "seal.added", 0 },
		      { "profile.expired", 1 },
		      { "bundle.cpu", 2 },
		      { "sig.adhoc", 0 } };
	static const char *const order[] = { "bundle.cpu", "profile.expired",
		                             "sig.adhoc", "seal.added",
		                             "code.unsigned" };

	for (size_t i = 0; i < ARRAY_LEN(found); i++)
		findings_add(&f, found[i].rule, "", found[i].item, NULL, NULL, NULL);
	findings_sort(&f);
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		CHECK_STR(f.items[i].rule->id, order[i]);
}

/* The app, its extensions, what is inside, and then what they load (9.1 step 5). */
static void spoil_both(struct forge_code *c)
{
	const char *id = c->bundle->id != NULL ? c->bundle->id : "";

	if (strcmp(id, GOOD_APP_ID ".share") == 0)
		c->by.leaf = NULL;
	if (strcmp(id, GOOD_APP_ID ".kit") == 0)
		c->leave_unsigned = true;
}

TEST(extensions_come_before_libraries)
{
	check_case(&(struct forge_case){ .reason = "sig.adhoc",
	                                 .also = { "code.unsigned" },
	                                 .bundle = "PlugIns/Share.appex",
	                                 .plan_all = spoil_both });
}

TEST(findings_are_moved_and_dropped_by_stage)
{
	AUTO(findings_free) struct findings f = { 0 };
	AUTO(findings_free) struct findings other = { 0 };

	add(&f, "devmode.off", "", "1");
	add(&other, "seal.added", "", "2");
	add(&other, "store.profile", "", "3");
	CHECK(findings_first(&f, &other, STAGE_LAUNCH) == &other.items[0]);
	CHECK(findings_first(&other, &f, STAGE_LAUNCH) == &other.items[0]);
	findings_take(&f, &other);
	CHECK(f.count == 3 && other.count == 0);
	CHECK(findings_first(&f, &other, STAGE_LAUNCH) == &f.items[0]);
	CHECK(findings_first(&other, &other, STAGE_STORE) == NULL);
	findings_keep(&f, STAGE_BIT(STAGE_LAUNCH) | STAGE_BIT(STAGE_STORE));
	REQUIRE(f.count == 2);
	CHECK_STR(f.items[0].found, "1");
	CHECK_STR(f.items[1].found, "3");
	findings_keep(&f, 0);
	CHECK(f.count == 0);
}

TEST(what_stops_the_launch_does_not_stop_the_install)
{
	AUTO(findings_free) struct findings f = { 0 };

	add(&f, "devmode.off", "", "off");
	CHECK(findings_decisive(&f, STAGE_INSTALL) == NULL);
	CHECK(findings_decisive(&f, STAGE_LAUNCH) == &f.items[0]);
}

TEST(the_same_finding_is_kept_once_for_each_bundle)
{
	AUTO(findings_free) struct findings f = { 0 };

	add(&f, "exec.flags", "A", "x");
	add(&f, "exec.flags", "A", "y");
	add(&f, "exec.flags", "A", "x");
	add(&f, "code.page-hash", "A", "x");
	CHECK(f.count == 3);
	add(&f, "exec.flags", "B", "x");
	CHECK(f.count == 4);
}

/* ---- the device ---- */

static void check_device(const char *text, const char *udid, const char *model,
                         uint32_t os)
{
	AUTO(drop_str) char *storage = NULL;
	struct verify_device d = { .developer_mode_off = true };
	struct error err = { 0 };

	REQUIRE_OK(verify_device_parse(&d, &storage, text, &err), &err);
	CHECK_STR(d.udid, udid);
	CHECK((d.model == NULL) == (model == NULL));
	if (model != NULL && d.model != NULL)
		CHECK_STR(d.model, model);
	CHECK(d.os_version == os);
	CHECK(d.developer_mode_off);
}

TEST(a_device_is_an_identifier_and_maybe_a_model_and_a_system)
{
	static const char udid[] = "00008110-000a1C2E3F4A001E";
	static const char old[] = "0123456789abcdef0123456789abcdef01234567";
	static const char mac[] = "01234567-89AB-CDEF-0123-456789ABCDEF";

	check_device("00008110-000a1C2E3F4A001E", udid, NULL, 0);
	check_device("00008110-000a1C2E3F4A001E=iPhone14,5@17.4", udid, "iPhone14,5",
	             17U << 16 | 4U << 8);
	check_device("00008110-000a1C2E3F4A001E=iPad13,1", udid, "iPad13,1", 0);
	check_device("00008110-000a1C2E3F4A001E=@15", udid, NULL, 15U << 16);
	check_device("00008110-000a1C2E3F4A001E@15.0.1", udid, NULL, 15U << 16 | 1);
	check_device(old, old, NULL, 0);
	check_device(mac, mac, NULL, 0);
}

static void check_no_device(const char *text, const char *message)
{
	AUTO(drop_str) char *storage = NULL;
	struct verify_device d = { .udid = "before" };
	struct error err = { 0 };
	bool ok = verify_device_parse(&d, &storage, text, &err);

	CHECK(err.hint[0] != '\0');
	CHECK_FAILS(ok, &err, ERROR_USAGE, message);
	CHECK_STR(d.udid, "before");
	CHECK(storage == NULL && d.model == NULL && d.os_version == 0);
}

TEST(refuses_what_is_no_device)
{
	static const char *const wrong[] = {
		"",
		"=iPhone14,5",
		"iPhone",
		"00008110000A1C2E3F4A001E",
		"00008110-000A1C2E3F4A001",
		"00008110-000A1C2E3F4A001EF",
		"0000811G-000A1C2E3F4A001E",
		"0123456789abcdef0123456789abcdef0123456",
		"0123456789abcdef0123456789abcdef012345678",
		"01234567-89AB-CDEF-0123-456789ABCDE",
		"00008110-000A1C2E3F4A001E "
	};
	static const char *const os[] = { "@", "@x", "@17.", "@17.4.1.1",
		                          "=iPhone14,5@" };

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		check_no_device(wrong[i], "no device identifier");
	for (size_t i = 0; i < ARRAY_LEN(os); i++) {
		AUTO(drop_str) char *text = mem_format("%s%s", FORGE_UDID, os[i]);

		check_no_device(text, "no system version");
	}
	check_no_device(FORGE_UDID "=@17@18", "no model");
	check_no_device(FORGE_UDID "@17=iPhone14,5", "no system version");
}
