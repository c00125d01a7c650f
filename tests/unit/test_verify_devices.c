/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of devices, and one app that is asked of many.
 */
#include <stdlib.h>

#include "support/forge.h"
#include "support/harness.h"
#include "util/mem.h"
#include "verify/devices.h"

#define A        "00008110-000A1C2E3F4A001E"
#define B        "00008030-001D2E3F40510026"
#define C        "0123456789abcdef0123456789abcdef01234567"
#define OS(a, b) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8)

static const struct verify_device nothing;

static bool read_text(struct devices *out, const char *text, struct error *err)
{
	return devices_read(out, slice_str(text), &nothing, err);
}

static void check_entry(const struct device_entry *d, const char *udid,
                        const char *model, uint32_t os, const char *name)
{
	CHECK_STR(d->device.udid, udid);
	CHECK_STR(d->device.model != NULL ? d->device.model : "-", model);
	CHECK(d->device.os_version == os);
	CHECK_STR(d->name, name);
}

TEST(reads_a_device_a_line)
{
	AUTO(devices_free) struct devices list = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(read_text(&list,
	                     "# the team\n\n" A "=iPhone14,5@17.4  Anna's iPhone  \r\n"
	                     "   \r\n" B "@16.1\n  " C " old # one",
	                     &err),
	           &err);
	REQUIRE(list.count == 3);
	check_entry(&list.items[0], A, "iPhone14,5", OS(17, 4), "Anna's iPhone");
	check_entry(&list.items[1], B, "-", OS(16, 1), "");
	check_entry(&list.items[2], C, "-", 0, "old # one");
	CHECK(list.items[0].place == 3 && list.items[1].place == 5 &&
	      list.items[2].place == 6);
}

TEST(reads_apples_upload_format)
{
	AUTO(devices_free) struct devices list = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(read_text(&list,
	                     "\xef\xbb\xbf"
	                     "Device ID\tDevice Name\tDevice Platform\r\n" A
	                     "\tAnna's iPhone\tios\r\n" B "\tQA 3\n",
	                     &err),
	           &err);
	REQUIRE(list.count == 2);
	check_entry(&list.items[0], A, "-", 0, "Anna's iPhone");
	check_entry(&list.items[1], B, "-", 0, "QA 3");
}

TEST(reads_json)
{
	static const char array[] =
		"[{\"udid\": \"" A "\", \"name\": \"Anna\", \"model\": \"iPhone14,5\","
		" \"os\": \"17.4\"}, {\"device\": \"" B "=iPad13,1\"},"
		" {\"Device ID\": \"" C "\", \"Device Name\": \"C\", \"os\": \"16\"}]";
	static const char object[] = " \n{\"schema\": 1, \"devices\": [{\"udid\": \"" A
				     "\", \"name\": \"Anna\","
				     " \"class\": \"IPHONE\", \"enabled\": true}]}";
	AUTO(devices_free) struct devices list = { 0 };
	AUTO(devices_free) struct devices portal = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(read_text(&list, array, &err), &err);
	REQUIRE(list.count == 3);
	check_entry(&list.items[0], A, "iPhone14,5", OS(17, 4), "Anna");
	check_entry(&list.items[1], B, "iPad13,1", 0, "");
	check_entry(&list.items[2], C, "-", OS(16, 0), "C");
	REQUIRE_OK(read_text(&portal, object, &err), &err);
	REQUIRE(portal.count == 1);
	check_entry(&portal.items[0], A, "-", 0, "Anna");
}

TEST(what_the_file_cannot_say_is_the_same_for_all)
{
	static const struct verify_device like = { .os_version = OS(15, 0),
		                                   .model = "iPhone12,1",
		                                   .developer_mode_off = true,
		                                   .free_apps = 2,
		                                   .installed_app_id = "T.x" };
	AUTO(devices_free) struct devices list = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(devices_read(&list, slice_str(A "@17.4\n" B), &like, &err), &err);
	REQUIRE(list.count == 2);
	CHECK(list.items[0].device.os_version == OS(17, 4));
	CHECK(list.items[1].device.os_version == OS(15, 0));
	for (size_t i = 0; i < 2; i++) {
		const struct verify_device *d = &list.items[i].device;

		CHECK(d->developer_mode_off && d->free_apps == 2);
		CHECK_STR(d->installed_app_id, "T.x");
	}
}

static void refuse(const char *text, enum error_code code, const char *message)
{
	struct devices list = { 0 };
	struct error err = { 0 };
	bool ok = read_text(&list, text, &err);

	CHECK_FAILS(ok, &err, code, message);
	CHECK(list.items == NULL && list.count == 0);
}

TEST(says_which_line_is_wrong)
{
	refuse("", ERROR_NOT_FOUND, "no device");
	refuse("# none\n\n", ERROR_NOT_FOUND, "no device");
	refuse("[]", ERROR_NOT_FOUND, "no device");
	refuse(A "\n\nnobody here\n", ERROR_FORMAT, "line 3: \"nobody\" is no device");
	refuse(A "@x\n", ERROR_FORMAT, "line 1: \"x\" is no system version");
	refuse(A "\tAnna\tios\tmore\n", ERROR_FORMAT,
	       "line 1: more than three columns");
	refuse("\tAnna\n", ERROR_FORMAT, "line 1: \"\" is no device");
	refuse("[{\"udid\": \"" A "\"}, {\"name\": \"x\"}]", ERROR_FORMAT,
	       "device 2: no \"udid\"");
	refuse("[{\"udid\": \"" A "\"}, 7]", ERROR_FORMAT, "device 2: no \"udid\"");
	refuse("[{\"udid\": \"x\"}]", ERROR_FORMAT, "device 1: \"x\" is no device");
	refuse("[{\"udid\": 7}]", ERROR_FORMAT, "device 1: no \"udid\"");
	refuse("{\"devices\": {}}", ERROR_FORMAT, "no list of devices");
	refuse("{\"schema\": 1}", ERROR_FORMAT, "no list of devices");
	refuse("[", ERROR_FORMAT, "");
}

TEST(a_nul_byte_is_no_text)
{
	static const char text[] = A " Anna\n" B "\0\n";
	AUTO(devices_free) struct devices list = { 0 };
	struct error err = { 0 };
	bool ok = devices_read(&list, slice_of(text, sizeof text - 1), &nothing, &err);

	CHECK_FAILS(ok, &err, ERROR_FORMAT, "line 2: a NUL byte");
}

TEST(a_device_stands_there_once)
{
	refuse(A "\n" B "\n\n" A " again\n", ERROR_FORMAT,
	       "line 4: the device of line 1 again");
	/* the same whatever the case; of several the first */
	refuse(B "\n00008110-000a1c2e3f4a001e\n" C "\n" A "\n" C "\n", ERROR_FORMAT,
	       "line 4: the device of line 2 again");
	refuse("[{\"udid\": \"" A "\"}, {\"udid\": \"" A "@17\"}]", ERROR_FORMAT,
	       "device 2: the device of device 1 again");
}

/* n devices, one a line. */
static char *many(size_t n)
{
	char *text = mem_zero(n * 27 + 1, 1);

	for (size_t i = 0; i < n; i++)
		snprintf(text + i * 26, 27, "00008110-%016zX\n", i);
	return text;
}

TEST(a_file_has_up_to_ten_thousand)
{
	AUTO(drop_str) char *most = many(DEVICES_MAX);
	AUTO(drop_str) char *more = many(DEVICES_MAX + 1);
	AUTO(devices_free) struct devices list = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(read_text(&list, most, &err), &err);
	CHECK(list.count == 10000);
	refuse(more, ERROR_LIMIT, "more than 10000 devices");
}

TEST(a_file_has_up_to_four_megabytes)
{
	AUTO(buf_free) struct buf text = BUF_INIT(DEVICES_MAX_BYTES + 1);
	AUTO(devices_free) struct devices list = { 0 };
	AUTO(devices_free) struct devices none = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(buf_append(&text, slice_str(A "\n"), &err), &err);
	while (text.n < DEVICES_MAX_BYTES)
		REQUIRE_OK(buf_append(&text, slice_str("#"), &err), &err);
	REQUIRE_OK(devices_read(&list, buf_slice(&text), &nothing, &err), &err);
	REQUIRE_OK(buf_append(&text, slice_str("#"), &err), &err);
	bool ok = devices_read(&none, buf_slice(&text), &nothing, &err);
	CHECK_FAILS(ok, &err, ERROR_LIMIT, "4194304 bytes");
}

static void cut_everywhere(const char *text)
{
	for (size_t n = 0; n < strlen(text); n++) {
		AUTO(devices_free) struct devices list = { 0 };
		AUTO(drop_str) char *part = mem_str(text, n);
		struct error err = { 0 };

		if (devices_read(&list, slice_of(part, n), &nothing, &err))
			CHECK(list.count > 0);
		else
			CHECK(err.message[0] != '\0' && list.count == 0);
	}
}

TEST(files_may_be_cut_anywhere)
{
	cut_everywhere(A "=iPhone14,5@17.4 Anna\n" B "\n");
	cut_everywhere("Device ID\tDevice Name\tDevice Platform\n" A "\tAnna\tios\n");
	cut_everywhere("{\"devices\": [{\"udid\": \"" A "\", \"os\": \"17\"}]}");
}

/* ---- one app, many devices ---- */

/* Device i of the list of many(): the profile has only that of forge.h. */
static void check_answers(struct verify_app *app, const struct devices *list)
{
	const struct findings *common = &verify_common(app)->findings;

	for (size_t i = 0; i < list->count; i++) {
		AUTO(findings_free) struct findings own = { 0 };

		verify_ask(&own, app, &list->items[i].device);
		const struct finding *f = findings_first(common, &own, STAGE_STORE);
		if (i == 500)
			CHECK(f == NULL);
		else if (CHECK(f != NULL))
			CHECK_STR(f->rule->id, "profile.device-not-listed");
	}
}

TEST(an_app_is_read_once_however_many_devices_there_are)
{
	const struct forge_case good = { 0 };
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(container_close) struct container c = { 0 };
	AUTO(drop_verify_app) struct verify_app *app = NULL;
	AUTO(devices_free) struct devices list = { 0 };
	AUTO(drop_str) char *text = many(1000);
	struct error err = { 0 };

	char *line = text + (size_t)500 * 26;
	for (size_t i = 0; FORGE_UDID[i] != '\0'; i++)
		line[i] = FORGE_UDID[i];
	REQUIRE_OK(read_text(&list, text, &err), &err);
	REQUIRE_OK(forge_make(&f, &good, &err), &err);
	REQUIRE_OK(container_open(&c, f.app, &err), &err);
	REQUIRE_OK(verify_open(&app, &c, &f.request, &err), &err);
	size_t files = verify_common(app)->sealed_files;
	/* what is no longer there cannot be read a second time */
	scratch_remove(&f.folder);
	check_answers(app, &list);
	CHECK(verify_common(app)->sealed_files == files && files > 5);
	CHECK(verify_common(app)->findings.count == 0);
}

static void change_data(struct forge *f)
{
	forge_put(f, "data.bin", "other data");
}

/* The device's own reason comes first where a device comes to it first. */
TEST(the_common_reason_and_the_devices_own_stand_in_one_order)
{
	const struct forge_case changed = { .after = change_data };
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(container_close) struct container c = { 0 };
	AUTO(drop_verify_app) struct verify_app *app = NULL;
	AUTO(findings_free) struct findings listed = { 0 };
	AUTO(findings_free) struct findings other = { 0 };
	const struct verify_device good = { .udid = FORGE_UDID },
				   bad = { .udid = B, .developer_mode_off = true };
	struct error err = { 0 };

	REQUIRE_OK(forge_make(&f, &changed, &err), &err);
	REQUIRE_OK(container_open(&c, f.app, &err), &err);
	REQUIRE_OK(verify_open(&app, &c, &f.request, &err), &err);
	const struct findings *common = &verify_common(app)->findings;
	verify_ask(&listed, app, &good);
	CHECK(listed.count == 0);
	CHECK_STR(findings_first(common, &listed, STAGE_STORE)->rule->id,
	          "seal.modified");
	verify_ask(&other, app, &bad);
	CHECK_STR(findings_first(common, &other, STAGE_STORE)->rule->id,
	          "profile.device-not-listed");
	CHECK(findings_has(&other, "devmode.off"));
}

TEST(a_device_is_asked_in_its_stages_only)
{
	const struct forge_case good = { 0 };
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(container_close) struct container c = { 0 };
	AUTO(drop_verify_app) struct verify_app *app = NULL;
	AUTO(findings_free) struct findings found = { 0 };
	const struct verify_device bad = { .udid = B, .developer_mode_off = true };
	struct error err = { 0 };

	REQUIRE_OK(forge_make(&f, &good, &err), &err);
	REQUIRE_OK(container_open(&c, f.app, &err), &err);
	f.request.stages = STAGE_BIT(STAGE_LAUNCH);
	REQUIRE_OK(verify_open(&app, &c, &f.request, &err), &err);
	verify_ask(&found, app, &bad);
	REQUIRE(found.count == 1);
	CHECK_STR(found.items[0].rule->id, "devmode.off");
}
