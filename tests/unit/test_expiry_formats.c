/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calendars, metrics, pages and drawings of what ends.
 */
#include "expiry/formats.h"

#include <stdlib.h>

#include "support/fake_expiry.h"
#include "support/harness.h"
#include "support/xml_check.h"
#include "util/mem.h"
#include "util/utf8.h"

#define HOSTILE "Evil \"q\" \\b; <script>x</script>,\n\x1b[31m\u202e & 'ü'"

static bool has(const struct buf *b, const char *text)
{
	return slice_cut(buf_slice(b), slice_str(text), NULL, NULL);
}

static size_t count(const struct buf *b, const char *text)
{
	struct slice rest = buf_slice(b);
	size_t n = 0;

	while (slice_cut(rest, slice_str(text), NULL, &rest))
		n++;
	return n;
}

static bool add(struct expiry *e, struct artifact a)
{
	struct error err = { 0 };
	const bool ok = expiry_add(e, &a, &err);

	artifact_free(&a);
	return test_ok(ok, &err, __FILE__, __LINE__, "expiry_add");
}

/* A certificate, a profile and an app of it, something ended, something hostile. */
static bool fill(struct expiry *e)
{
	static const struct fake_cert cert = { 1, "Apple Distribution: Größe GmbH", 165,
		                               0, false };
	static const struct fake_cert ended = { 2, "Old one", -35, 0, false };
	static const struct fake_cert hostile = { 3, HOSTILE, 400, 0, false };
	static const struct fake_profile qa = { .name = "QA AdHoc",
		                                .uuid = "11-22",
		                                .kind = PROFILE_ADHOC,
		                                .days = 12,
		                                .certs = &cert,
		                                .cert_count = 1,
		                                .devices = 23 };
	static const struct fake_bundle app = { "Payload/Shop.app", "com.acme.shop",
		                                &cert, &qa };
	static const struct fake_bundle odd = { "Payload/Odd.app", "com.acme.odd",
		                                &hostile, &qa };
	struct error err = { 0 };

	return add(e, fake_identity_file("dist.p12", &cert, 1)) &&
	       add(e, fake_cert_file("old.cer", &ended, 1)) &&
	       add(e, fake_cert_file("hostile.cer", &hostile, 1)) &&
	       add(e, fake_profile_file("qa.mobileprovision", &qa)) &&
	       add(e, fake_app_file("Shop.ipa", &app, 1)) &&
	       add(e, fake_app_file("Odd.ipa", &odd, 1)) &&
	       test_ok(expiry_finish(e, &err), &err, __FILE__, __LINE__, "finish");
}

static struct expiry_report report(const struct expiry *e)
{
	return (struct expiry_report){ .e = e, .now_s = FAKE_EXPIRY_NOW_S };
}

/* ---- calendars ---- */

/* CRLF only, folded at 75 octets, no character cut, no control characters. */
static void check_lines(const struct buf *ics)
{
	struct slice line, rest = buf_slice(ics);

	while (slice_cut(rest, slice_str("\r\n"), &line, &rest)) {
		CHECK(line.n > 0 && line.n <= 75);
		for (size_t i = 0; i < line.n;) {
			const size_t n =
				utf8_next(NULL, slice_of(line.p + i, line.n - i));
			REQUIRE(n > 0);
			CHECK(line.p[i] >= 0x20 && line.p[i] != 0x7f);
			i += n;
		}
	}
	CHECK(rest.n == 0);
}

/* The lines as they were before folding. */
static char *unfolded(const struct buf *ics)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(1 << 20);
	struct slice part, rest = buf_slice(ics);

	while (slice_cut(rest, slice_str("\r\n "), &part, &rest))
		if (!buf_append(&out, part, &err))
			abort();
	if (!buf_append(&out, rest, &err))
		abort();
	return mem_str(out.p, out.n);
}

TEST(a_calendar_has_an_event_and_five_alarms_for_each_end)
{
	AUTO(expiry_free) struct expiry e = { 0 };
	AUTO(buf_free) struct buf ics = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);
	struct error err = { 0 };

	REQUIRE(fill(&e));
	const struct expiry_report r = report(&e);
	REQUIRE_OK(expiry_ics(&ics, &r, &err), &err);
	check_lines(&ics);
	CHECK(count(&ics, "BEGIN:VEVENT\r\n") == 6 &&
	      count(&ics, "END:VEVENT\r\n") == 6);
	/* What has ended alarms nobody. */
	CHECK(count(&ics, "BEGIN:VALARM\r\n") == 25 &&
	      count(&ics, "END:VALARM\r\n") == 25);
	static const char *const triggers[] = { "-P60D", "-P30D", "-P14D", "-P7D",
		                                "-P1D" };
	for (size_t i = 0; i < ARRAY_LEN(triggers); i++) {
		AUTO(drop_str) char *line = mem_format("TRIGGER:%s\r\n", triggers[i]);
		CHECK(count(&ics, line) == 5);
	}
	AUTO(drop_str) char *text = unfolded(&ics);
	CHECK(strncmp(text, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:", 37) == 0);
	CHECK(strstr(text, "\r\nEND:VCALENDAR\r\n") != NULL);
	CHECK(strstr(text, "BEGIN:VEVENT\r\n"
	                   "UID:profile-11-22@sealring\r\n"
	                   "DTSTAMP:20261125T090000Z\r\n"
	                   "DTSTART;VALUE=DATE:20261207\r\n"
	                   "DTEND;VALUE=DATE:20261208\r\n"
	                   "SUMMARY:QA AdHoc ends (profile)\r\n"
	                   "DESCRIPTION:Breaks: 2 apps on 23 devices\\nFound in: "
	                   "qa.mobileprovision\r\n") != NULL);
	CHECK(strstr(text, "SUMMARY:Evil \"q\" \\\\b\\; <script>x</script>\\, "
	                   "\ufffd[31m\ufffd & 'ü' ends (certificate)\r\n") != NULL);
	CHECK(strstr(text, "\\nDecided by: profile QA AdHoc\\n") != NULL);
}

TEST(a_calendar_keeps_its_uids)
{
	AUTO(expiry_free) struct expiry e = { 0 };
	AUTO(expiry_free) struct expiry again = { 0 };
	AUTO(buf_free) struct buf a = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);
	AUTO(buf_free) struct buf b = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);
	struct error err = { 0 };

	REQUIRE(fill(&e) && fill(&again));
	const struct expiry_report r = report(&e), s = report(&again);
	REQUIRE_OK(expiry_ics(&a, &r, &err), &err);
	REQUIRE_OK(expiry_ics(&b, &s, &err), &err);
	CHECK(slice_equal(buf_slice(&a), buf_slice(&b)));
	/* And no two are the same. */
	for (size_t i = 0; i < e.count; i++) {
		AUTO(drop_str)
		char *uid =
			mem_format("UID:%s-%.20s", expiry_kind_name(e.items[i].kind),
		                   e.items[i].id);
		CHECK(count(&a, uid) == 1);
	}
}

/* A certificate with this name gives lines that are right, and come back whole. */
static void check_folding(const char *name)
{
	AUTO(expiry_free) struct expiry e = { 0 };
	AUTO(buf_free) struct buf ics = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);
	const struct fake_cert cert = { 1, name, 10, 0, false };
	struct error err = { 0 };

	REQUIRE(add(&e, fake_cert_file("c.cer", &cert, 1)));
	REQUIRE_OK(expiry_finish(&e, &err), &err);
	const struct expiry_report r = report(&e);
	REQUIRE_OK(expiry_ics(&ics, &r, &err), &err);
	check_lines(&ics);
	AUTO(drop_str) char *text = unfolded(&ics);
	AUTO(drop_str) char *want = mem_format("SUMMARY:%s ends (cert", name);
	CHECK(strstr(text, want) != NULL);
}

TEST(a_calendar_folds_names_of_every_length)
{
	/* An x, or not, and then characters of two bytes. */
	char name[2 + 2 * 75] = "x";

	for (size_t n = 0; n < 75; n++) {
		memcpy(name + 1 + 2 * n, "ü", sizeof("ü"));
		check_folding(name);
		check_folding(name + 1);
	}
}

/* ---- metrics ---- */

TEST(metrics_have_help_type_and_escaped_labels)
{
	AUTO(expiry_free) struct expiry e = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);
	struct error err = { 0 };

	REQUIRE(fill(&e));
	const struct expiry_report r = report(&e);
	REQUIRE_OK(expiry_prometheus(&out, &r, &err), &err);
	CHECK(count(&out, "# HELP sealring_expiry_timestamp_seconds ") == 1);
	CHECK(count(&out, "# TYPE sealring_expiry_timestamp_seconds gauge\n") == 1);
	CHECK(count(&out, "\nsealring_expiry_timestamp_seconds{kind=\"") == 6);
	CHECK(has(&out, "sealring_expiry_timestamp_seconds{kind=\"profile\",name=\"QA "
	                "AdHoc\",id=\"11-22\"} 1796634000\n"));
	CHECK(has(&out, "name=\"Evil \\\"q\\\" \\\\b; <script>x</script>, "
	                "\ufffd[31m\ufffd & 'ü'\""));
	CHECK(has(&out, "\nsealring_expiry_scan_timestamp_seconds 1795597200\n"));
	CHECK(out.p[out.n - 1] == '\n');
	/* Comments and samples only: a name breaks no line. */
	struct slice line, rest = buf_slice(&out);
	while (slice_cut(rest, slice_str("\n"), &line, &rest))
		CHECK(line.n > 2 &&
		      (memcmp(line.p, "# ", 2) == 0 || memcmp(line.p, "se", 2) == 0));
}

static bool has_not_ended(const struct expiry_item *item, const void *ctx)
{
	const int64_t *now_s = ctx;

	return item->until_s >= *now_s;
}

TEST(leaves_out_what_is_not_wanted)
{
	AUTO(expiry_free) struct expiry e = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(picture_free) struct picture q = { 0 };
	struct error err = { 0 };
	const int64_t now_s = FAKE_EXPIRY_NOW_S;

	REQUIRE(fill(&e));
	struct expiry_report r = report(&e);
	r.wanted = has_not_ended;
	r.ctx = &now_s;
	REQUIRE_OK(expiry_prometheus(&out, &r, &err), &err);
	REQUIRE_OK(expiry_ics(&out, &r, &err), &err);
	REQUIRE_OK(expiry_page(&out, &r, &err), &err);
	CHECK(!has(&out, "Old one") && has(&out, "QA AdHoc"));
	REQUIRE_OK(expiry_timeline(&p, &r, &err), &err);
	REQUIRE_OK(expiry_relations(&q, &r, &err), &err);
	CHECK(!has(&p.text, "Old one") && !has(&q.text, "Old one"));
}

/* ---- drawings ---- */

TEST(the_timeline_nests_what_depends)
{
	AUTO(expiry_free) struct expiry e = { 0 };
	AUTO(picture_free) struct picture p = { 0 };
	struct error err = { 0 };

	REQUIRE(fill(&e));
	const struct expiry_report r = report(&e);
	REQUIRE_OK(expiry_timeline(&p, &r, &err), &err);
	CHECK(has(
		&p.text,
		"\ncertificate Apple Distribution: Größe GmbH: ends 2027-05-09, in 165 "
		"days\n"
		"  profile QA AdHoc (ad hoc, 23 devices): ends 2026-12-07, in 12 days\n"
		"    app Odd.ipa (com.acme.odd 4.2 (812)): ends 2026-12-07, in 12 days\n"
		"    app Shop.ipa (com.acme.shop 4.2 (812)): ends"));
	CHECK(has(&p.text, "\ncertificate Old one: ended 2026-10-21, 35 days ago\n"));
}

TEST(the_timeline_shows_the_useless_end_of_a_profile)
{
	const struct fake_cert cert = { 1, "C", 100, 0, false };
	const struct fake_profile p = {
		.name = "P", .uuid = "u", .days = 200, .certs = &cert, .cert_count = 1
	};
	AUTO(expiry_free) struct expiry e = { 0 };
	AUTO(picture_free) struct picture drawn = { 0 };
	struct error err = { 0 };

	REQUIRE(add(&e, fake_profile_file("p", &p)));
	REQUIRE_OK(expiry_finish(&e, &err), &err);
	const struct expiry_report r = report(&e);
	REQUIRE_OK(expiry_timeline(&drawn, &r, &err), &err);
	CHECK(has(&drawn.text, "profile P (development): ends 2027-06-13, in 200 days; "
	                       "useless after its certificate\n"));
	/* In its month it is what decides. */
	picture_free(&drawn);
	REQUIRE_OK(expiry_strip(&drawn, &r, &err), &err);
	CHECK(has(&drawn.text, "Mar 2027: 2\n  certificate C\n  profile P\n"));
}

TEST(the_map_shows_keys_and_what_is_broken)
{
	AUTO(expiry_free) struct expiry e = { 0 };
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };
	struct error err = { 0 };

	REQUIRE(fill(&e));
	const struct expiry_report r = report(&e);
	REQUIRE_OK(expiry_relations(&p, &r, &err), &err);
	REQUIRE(xml_parse(&doc, buf_slice(&p.svg)));
	CHECK(svg_labels_are_apart(&doc));
	CHECK(has(&p.text,
	          "key dist.p12 (RSA 2048)\n  -> certificate Apple Distribution: "
	          "Größe GmbH\n"));
	CHECK(has(&p.text, "  -> app Odd.ipa: broken, PROF-05 does not list"));
	/* The app's own certificate is in its profile: no line beside. */
	CHECK(has(&p.text, "certificate Apple Distribution: Größe GmbH (until "
	                   "2027-05-09)\n  -> profile QA AdHoc\nprofile") ||
	      has(&p.text, "  -> profile QA AdHoc\ncertificate"));
	CHECK(count(&p.text, "  -> app Shop.ipa\n") == 1);
	CHECK(count(&p.text, "  -> app Odd.ipa\n") == 1); /* of the hostile one */
	CHECK(has(&p.text, "profile QA AdHoc (until 2026-12-07), ends soon"));
	CHECK(has(&p.text, "Old one (ended 2026-10-21), bad"));
}

/* ---- the page ---- */

static bool page(struct buf *out, struct xml_doc *doc, const struct expiry *e)
{
	struct error err = { 0 };
	const struct expiry_report r = report(e);

	if (!test_ok(expiry_page(out, &r, &err), &err, __FILE__, __LINE__, "page"))
		return false;
	return xml_parse(doc, buf_slice(out)) ||
	       test_fail(__FILE__, __LINE__, doc->problem);
}

TEST(the_page_stands_alone)
{
	AUTO(expiry_free) struct expiry e = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);
	AUTO(xml_free) struct xml_doc doc = { 0 };

	REQUIRE(fill(&e));
	e.locked = 2;
	REQUIRE(page(&out, &doc, &e)); /* the judge refuses ways to the outside */
	CHECK(has(&out,
	          "<h1>QA AdHoc ends <span class=\"soon\">in 12 days</span></h1>"));
	CHECK(has(&out, "Breaks: 2 apps on 23 devices."));
	CHECK(xml_count(&doc, "svg") == 3 && xml_count(&doc, "figure") == 3);
	CHECK(xml_count(&doc, "tr") == 1 + 6);
	CHECK(count(&out, "<small>ended</small>") == 1);
	CHECK(count(&out, "<small>soon</small>") == 3);
	CHECK(has(&out, "&lt;script&gt;x&lt;/script&gt;") && !has(&out, "<script"));
	CHECK(!has(&out, "\u202e") && !has(&out, "\x1b"));
	CHECK(has(&out, "As of 2026-11-25T09:00:00Z"));
	CHECK(has(&out, "2 files could not be opened"));
	CHECK(has(&out, "@media print") && has(&out, "prefers-color-scheme:dark"));
	CHECK(has(&out, "<b class=\"ended\">1</b>ended"));
	CHECK(has(&out, "<b class=\"soon\">3</b>in the next 30 days"));
	CHECK(has(&out, "<b>2</b>later"));
}

TEST(the_page_of_nothing_and_of_what_is_over)
{
	const struct fake_cert ended = { 2, "Old one", -35, 0, false };
	AUTO(expiry_free) struct expiry none = { 0 };
	AUTO(expiry_free) struct expiry over = { 0 };
	AUTO(buf_free) struct buf a = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);
	AUTO(buf_free) struct buf b = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);
	AUTO(xml_free) struct xml_doc doc = { 0 };
	AUTO(xml_free) struct xml_doc doc2 = { 0 };
	struct error err = { 0 };

	REQUIRE(page(&a, &doc, &none));
	CHECK(has(&a, "<h1>Nothing here has an end date</h1>"));
	REQUIRE(add(&over, fake_cert_file("c", &ended, 1)));
	REQUIRE_OK(expiry_finish(&over, &err), &err);
	REQUIRE(page(&b, &doc2, &over));
	CHECK(has(&b, "<h1>Everything has ended</h1>"));
}

TEST(the_page_shows_the_beginning_of_a_long_name)
{
	char name[122] = "";

	for (size_t n = 120; n <= 121; n++) {
		AUTO(expiry_free) struct expiry e = { 0 };
		AUTO(buf_free) struct buf out = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);
		AUTO(xml_free) struct xml_doc doc = { 0 };
		const struct fake_cert cert = { 1, name, 9, 0, false };
		struct error err = { 0 };

		memset(name, 'n', n);
		REQUIRE(add(&e, fake_cert_file("c", &cert, 1)));
		REQUIRE_OK(expiry_finish(&e, &err), &err);
		REQUIRE(page(&out, &doc, &e));
		AUTO(drop_str)
		char *cell =
			n <= 120 ? mem_format("<td>%s<small>", name)
				 : mem_format("<td><span title=\"%s\">%.120s…</span>",
		                              name, name);
		CHECK(has(&out, cell));
	}
}

TEST(the_page_lists_a_thousand_rows)
{
	for (size_t n = 1000; n <= 1001; n++) {
		AUTO(expiry_free) struct expiry e = { 0 };
		AUTO(buf_free) struct buf out = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);
		AUTO(xml_free) struct xml_doc doc = { 0 };
		struct error err = { 0 };

		for (size_t i = 0; i < n; i++) {
			AUTO(drop_str) char *uuid = mem_format("%zu", i);
			const struct fake_profile p = { .name = "P",
				                        .uuid = uuid,
				                        .days = 9 };
			REQUIRE(add(&e, fake_profile_file("p", &p)));
		}
		REQUIRE_OK(expiry_finish(&e, &err), &err);
		REQUIRE(page(&out, &doc, &e));
		CHECK(xml_count(&doc, "tr") == 1 + 1000);
		CHECK(has(&out, "<p>and 1 more</p>") == (n > 1000));
	}
}
