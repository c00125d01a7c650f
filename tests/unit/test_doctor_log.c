/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor on logs: messages that say all, and some in the noise of a build. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain/explain.h"
#include "support/doctor_case.h"
#include "support/known_messages.h"
#include "util/mem.h"

#define NOISE_LINES 5000
#define LOG_BYTES   ((size_t)4 << 20)

/* ---- what needs no file ---- */

static const struct doctor_case alone[] = {
	{ "an agreement", .id = "CERT-08",
	  .log = "A required agreement is missing or has expired. - This request "
	         "requires an in-effect agreement.\n" },
	{ "no -s", .id = "KEY-19",
	  .log = "security: SecKeychainItemCopyAccess: A missing value was "
	         "detected.\n" },
	{ "no MATCH_PASSWORD", .id = "ST-02",
	  .log = "Neither the MATCH_PASSWORD environment variable nor the local "
	         "keychain contained a password.\n" },
	{ "no access to the store", .id = "ST-05",
	  .log = "Error cloning certificates repo, please make sure you have read "
	         "access to the repository you want to use\n" },
	{ "a name for an id", .id = "PROF-21",
	  .log = "There is no App ID with ID 'com.acme.shop' on this team.\n" },
	{ "a password of the Apple ID", .id = "ALT-22020",
	  .log = "altool[1234] *** Error: code -22020 (Unable to validate your "
	         "application. We are unable to create an authentication "
	         "session.)\n" },
	{ "a container alone", .id = "EXP-07",
	  .log = "Error Domain=IDEDistributionSigningAssetStepErrorDomain Code=0 "
	         "\"Locating signing assets failed.\"\n" },
	{ "a follow-on alone", .id = "AUTO-08",
	  .log = "Code signing is required for product type 'Application' in SDK "
	         "'iOS 14.0'\n" },
	{ "cleaning up alone", .id = "KEY-21",
	  .log = "security: SecKeychainDelete: The specified keychain could not be "
	         "found.\n" },
	{ "a follow-on behind its cause", .id = "CERT-08",
	  .log = "security: SecKeychainDelete: The specified keychain could not be "
	         "found.\nA required agreement is missing or has expired.\nCode "
	         "signing is required for product type 'Application' in SDK 'iOS "
	         "14.0'\n" },
	{ "nothing", .unnamed = "CERT-08", .log = "** BUILD SUCCEEDED **\n" },
};

TEST(messages_that_say_all)
{
	doctor_cases_run(alone, ARRAY_LEN(alone));
}

/* ---- in the noise ---- */

/* Lines of a build that went well, with the message somewhere in them. */
static char *noisy(const char *message, size_t at)
{
	char *log = mem_zero(LOG_BYTES, 1), *to = log;

	for (size_t i = 0; i < NOISE_LINES; i++) {
		size_t left = LOG_BYTES - (size_t)(to - log);
		const char *line =
			i == at ? message : ordinary_lines[i % ordinary_line_count];

		to += snprintf(to, left, "%s%s\n", line, i % 7 == 0 ? "\r" : "");
		if (i % 100 == 0)
			to += snprintf(to, 100, "CompileC file%zu.o\n", i);
	}
	return log;
}

static size_t first_line_of(const struct doctor *d, const char *id)
{
	for (size_t i = 0; i < d->message_count; i++)
		if (strcmp(d->messages[i].entry->id, id) == 0)
			return d->messages[i].line;
	return 0;
}

static struct doctor *read_log(const char *log)
{
	const struct doctor_request request = { .goal = -1, .threads = 1 };
	struct doctor *d = doctor_new(&request);

	doctor_log_feed(d, slice_str(log));
	doctor_log_end(d);
	return d;
}

/* Every message that is known, alone and in the noise, which itself says nothing. */
TEST(known_messages_are_found_in_any_noise)
{
	size_t found = 0;

	AUTO(drop_str) char *quiet = noisy("Touch /tmp/Shop.app", 0);
	AUTO(drop_doctor) struct doctor *nothing = read_log(quiet);
	CHECK(nothing->message_count == 0 && nothing->lines > NOISE_LINES);
	for (size_t i = 0; i < known_message_count; i++) {
		const struct known_message *m = &known_messages[i];
		size_t at = (i * 7919 + 13) % NOISE_LINES;
		AUTO(drop_doctor) struct doctor *lone = read_log(m->text);
		AUTO(drop_str) char *log = noisy(m->text, at);
		AUTO(drop_doctor) struct doctor *d = read_log(log);

		bool ok = CHECK(first_line_of(lone, m->id) == 1) &&
		          CHECK(first_line_of(d, m->id) ==
		                at + at / 100 + 1 + (at % 100 > 0));
		if (!ok)
			printf("# %s: %s\n", m->id, m->text);
		found += ok;
	}
	printf("# %zu messages\n", found);
	CHECK(found >= 60);
}

/* ---- situations, with their message in the noise ---- */

static bool good_identity(struct scene *s, struct error *err)
{
	return scene_p12(s, "dist.p12", &team.distribution, P12_MACOS, err) &&
	       scene_profile(s, "app.mobileprovision", PROFILE_ADHOC, "com.ex.app",
	                     err);
}

static bool empty_p12(struct scene *s, struct error *err)
{
	return good_identity(s, err) && scene_text(s, "ci.p12", "", err);
}

static bool pem_p12(struct scene *s, struct error *err)
{
	return good_identity(s, err) &&
	       scene_key(s, "ci.p12", &team.distribution.key, err);
}

static bool modern_p12(struct scene *s, struct error *err)
{
	return scene_p12(s, "ci.p12", &team.distribution, P12_MODERN, err);
}

static bool page_cert(struct scene *s, struct error *err)
{
	return good_identity(s, err) &&
	       scene_text(s, "dist.cer", "<html>Sign in</html>", err);
}

static bool cert_alone(struct scene *s, struct error *err)
{
	return scene_cert(s, "dist.cer", &team.distribution.cert, err);
}

static bool expired(struct scene *s, struct error *err)
{
	s->request.now_s += 400 * CLOCK_DAY_S;
	return scene_p12(s, "dist.p12", &team.distribution, P12_MACOS, err);
}

static bool other_cert(struct scene *s, struct error *err)
{
	return scene_profile(s, "app.mobileprovision", PROFILE_ADHOC, "com.ex.app",
	                     err) &&
	       scene_p12(s, "new.p12", scene_other(AUTHORITY_CERT_DISTRIBUTION),
	                 P12_MACOS, err);
}

static bool project(struct scene *s, const char *settings, struct error *err)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Release",
		               .settings = "SDKROOT = iphoneos; DEVELOPMENT_TEAM = "
		                           "T1M2E3A4M5;" } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings = settings } } } },
	};

	return scene_project(s, &t, err);
}

#define ID "PRODUCT_BUNDLE_IDENTIFIER = com.ex.app; "

static bool identity_by_hand(struct scene *s, struct error *err)
{
	return project(s, ID "CODE_SIGN_IDENTITY = \"iPhone Distribution\";", err);
}

static bool profile_by_hand(struct scene *s, struct error *err)
{
	return project(s, ID "PROVISIONING_PROFILE_SPECIFIER = Shop_Dev;", err);
}

static bool no_team(struct scene *s, struct error *err)
{
	return project(s, ID "DEVELOPMENT_TEAM = \"\";", err);
}

static bool no_profile(struct scene *s, struct error *err)
{
	return project(s,
	               ID "CODE_SIGN_STYLE = Manual; CODE_SIGN_IDENTITY = \"Apple "
	                  "Distribution\";",
	               err);
}

static bool extension_forgotten(struct scene *s, struct error *err)
{
	return scene_app(s, "App.app", &nothing_unusual, &team.distribution,
	                 PROFILE_ADHOC, err) &&
	       scene_text(s, "ExportOptions.plist",
	                  "<plist version=\"1.0\"><dict><key>method</key>"
	                  "<string>release-testing</string><key>signingStyle</key>"
	                  "<string>manual</string><key>provisioningProfiles</key>"
	                  "<dict><key>com.ex.app</key><string>P</string>"
	                  "<key>com.ex.app.watch</key><string>P</string>"
	                  "<key>com.ex.app.watch.ext</key><string>P</string></dict>"
	                  "</dict></plist>",
	                  err);
}

static bool unsigned_app(struct scene *s, struct error *err)
{
	return scene_app(s, "App.app", &app_only, NULL, PROFILE_ADHOC, err);
}

static bool changed_app(struct scene *s, struct error *err)
{
	return scene_app(s, "App.app", &app_only, &team.distribution, PROFILE_ADHOC,
	                 err) &&
	       scene_text(s, "App.app/added.txt", "x", err);
}

static bool other_device(struct scene *s, struct error *err)
{
	s->request.device.udid = "00008110-00000000000000FF";
	return scene_app(s, "App.app", &app_only, &team.distribution, PROFILE_ADHOC,
	                 err);
}

static const struct doctor_case situations[] = {
	{ "KEY-04", empty_p12, .id = "KEY-04" },
	{ "KEY-03", pem_p12, .id = "KEY-03" },
	{ "KEY-01", modern_p12, .id = "KEY-01" },
	{ "KEY-05", page_cert, .id = "KEY-05" },
	{ "KEY-12", cert_alone, .id = "KEY-12" },
	{ "KEY-09", expired, .id = "KEY-09" },
	{ "KEY-23", other_cert, .id = "KEY-23" },
	{ "EXP-09", other_cert, .id = "EXP-09" },
	{ "AUTO-01", identity_by_hand, .id = "AUTO-01" },
	{ "AUTO-02", profile_by_hand, .id = "AUTO-02" },
	{ "AUTO-04", no_team, .id = "AUTO-04" },
	{ "PROF-10", no_profile, .id = "PROF-10" },
	{ "EXP-02", extension_forgotten, .id = "EXP-02" },
	{ "SIGN-01", unsigned_app, .id = "SIGN-01" },
	{ "0xe800801c", unsigned_app, .id = "0xe800801c" },
	{ "0xe8008017", changed_app, .id = "0xe8008017" },
	{ "0xe8008012", other_device, .id = "0xe8008012" },
	{ "OTA-1", other_device, .id = "0xe8008012" },
	{ "CERT-08", NULL, .id = "CERT-08" },
	{ "KEY-19", NULL, .id = "KEY-19" },
	{ "ST-02", NULL, .id = "ST-02" },
	{ "ALT-22020", NULL, .id = "ALT-22020" },
};

TEST(situations_are_told_from_5000_lines)
{
	for (size_t i = 0; i < ARRAY_LEN(situations); i++) {
		struct doctor_case c = situations[i];
		const char *text = NULL;

		for (size_t k = 0; k < known_message_count && text == NULL; k++)
			if (strcmp(known_messages[k].id, c.name) == 0)
				text = known_messages[k].text;
		REQUIRE(text != NULL);
		AUTO(drop_str) char *log = noisy(text, 4321 - i * 97);
		c.log = log;
		doctor_cases_run(&c, 1);
	}
}

/* ---- what is decidable is decided ---- */

static bool has_rule(const char *id)
{
	const char *ids;

	for (size_t i = 0; (ids = doctor_rule_ids(i)) != NULL; i++) {
		const struct diagnosis d = { .ids = ids };

		if (diagnosis_is_about(&d, id))
			return true;
	}
	return false;
}

/* All but what only a team store shows. */
TEST(there_is_a_rule_for_what_files_decide)
{
	static const char *const later[] = { "ST-01", "ST-03", "ST-04", "ST-08" };
	const struct explain_family *family;
	size_t count = 0, without = 0;

	for (size_t i = 0; (family = explain_family_at(i)) != NULL; i++)
		for (size_t k = 0; k < family->count; k++) {
			const struct explain_entry *e = &family->entries[k];
			bool is_later = false;

			if (e->decidable != EXPLAIN_FROM_FILES)
				continue;
			count++;
			for (size_t n = 0; n < ARRAY_LEN(later); n++)
				is_later |= strcmp(later[n], e->id) == 0;
			if (has_rule(e->id) == is_later)
				printf("# %s\n", e->id);
			CHECK(has_rule(e->id) != is_later);
			without += !has_rule(e->id);
		}
	printf("# %zu of %zu\n", count - without, count);
	CHECK(count == 99);
}
