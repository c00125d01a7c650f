/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile by itself (spec codesign.md 9.1 step 4, 9.2 j, k).
 */
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/mem.h"
#include "util/plural.h"
#include "verify/verify_impl.h"

#define FREE_APPS               3 /* on a device at once (7.2) */
#define FIRST_DEVELOPER_MODE_OS VERIFY_OS(16)

static void check_profile_signature(struct judgement *j, struct subject *s)
{
	char why[256] = "";

	switch (profile_check_signature(&s->profile, j->request->trust, why)) {
	case PROFILE_SIGNATURE_OK:
		break;
	case PROFILE_SIGNATURE_BAD:
		report(j, s, "profile.bad-signature", mem_copy("an unchanged profile"),
		       mem_copy(why), fix_profile(j, &s->profile));
		return;
	default:
		report(j, s, "profile.untrusted",
		       mem_copy("a profile signer's certificate"), mem_copy(why),
		       mem_copy(
			       "For profiles of an embedded portal: --roots DIR/roots.pem"));
		return;
	}
	if (!profile_check_der(&s->profile, j->request->trust, why))
		report(j, s, "profile.inconsistent", mem_copy("both forms to agree"),
		       mem_copy(why), fix_profile(j, &s->profile));
}

void check_profile_dates(struct judgement *j, struct subject *s, int64_t now)
{
	char date[CLOCK_TEXT_BYTES], today[CLOCK_TEXT_BYTES];

	if (now >= s->profile.expires_s) {
		clock_format_date(date, s->profile.expires_s);
		clock_format_date(today, now);
		report(j, s, "profile.expired", mem_format("a date before %s", date),
		       mem_format("%s, profile \"%s\"", today, s->profile.name),
		       fix_profile(j, &s->profile));
	} else if (now < s->profile.created_s - CLOCK_DAY_S) {
		clock_format_date(date, s->profile.created_s);
		clock_format_date(today, now);
		report(j, s, "profile.not-yet-valid",
		       mem_format("a date after %s", date),
		       mem_format("%s, profile \"%s\"", today, s->profile.name),
		       mem_copy("Set the device's clock."));
	}
}

static void check_profile_device(struct judgement *j, struct subject *s)
{
	const char *udid = j->device->udid;
	const struct profile *p = &s->profile;

	if (p->kind == PROFILE_APPSTORE) {
		if (udid != NULL)
			report(j, s, "profile.store-not-installable",
			       mem_copy("a development, ad hoc or enterprise profile"),
			       mem_format("App Store profile \"%s\"", p->name),
			       fix_adhoc(j, s));
		else if (s->bundle->depth == 0)
			report(j, s, "store.build", NULL, NULL, NULL);
		return;
	}
	if (udid == NULL || profile_has_device(p, udid))
		return;
	size_t others = p->devices != NULL ? p->devices->count : 0;
	report(j, s, "profile.device-not-listed", mem_copy(udid),
	       mem_format("%zu other %s in profile \"%s\"", others,
	                  plural(others, "device", "devices"), p->name),
	       fix_device(j, p, udid));
}

/* What profiles call the system that the code is for; NULL: not said. */
static const char *platform_of(const struct subject *s)
{
	enum macho_platform p =
		s->has_code ? s->macho.slices[0].platform : MACHO_PLATFORM_UNKNOWN;

	switch (p) {
	case MACHO_PLATFORM_IOS:
	case MACHO_PLATFORM_WATCHOS:
		return "iOS"; /* watch apps have the profiles of iOS (7.2) */
	case MACHO_PLATFORM_TVOS:
		return "tvOS";
	case MACHO_PLATFORM_VISIONOS:
		return "xrOS";
	default:
		return NULL;
	}
}

static void check_profile_online(struct judgement *j, struct subject *s)
{
	if (s->bundle->depth == 0 && s->profile.ppq_check)
		report(j, s, "trust.online", mem_copy("a network at the first start"),
		       mem_format("profile \"%s\" has PPQCheck", s->profile.name),
		       NULL);
}

static void check_profile_platform(struct judgement *j, struct subject *s)
{
	const char *wanted = platform_of(s);
	const struct pl *platforms = s->profile.platforms;

	if (wanted == NULL || platforms == NULL || platforms->count == 0 ||
	    pl_array_has(platforms, wanted))
		return;
	report(j, s, "profile.wrong-platform", mem_format("a profile for %s", wanted),
	       mem_format("profile \"%s\" for %s", s->profile.name,
	                  pl_text(platforms->items[0])),
	       fix_profile(j, &s->profile));
}

static void check_profile_free(struct judgement *j, struct subject *s)
{
	unsigned others = j->device->free_apps;

	if (s->bundle->depth > 0 || !s->profile.is_free || others < FREE_APPS)
		return;
	report(j, s, "profile.free-limit",
	       mem_format("at most %d apps of free profiles", FREE_APPS),
	       mem_format("%u others on the device", others),
	       mem_copy("Delete one of them, or sign with a paid team."));
}

/* Before iOS 16 there was no Developer Mode. */
static bool wants_developer_mode(const struct judgement *j, const struct profile *p)
{
	uint32_t os = j->device->os_version;

	return p->kind == PROFILE_DEVELOPMENT &&
	       (os == 0 || os >= FIRST_DEVELOPER_MODE_OS);
}

static void check_profile_launch(struct judgement *j, struct subject *s)
{
	const struct verify_device *d = j->device;
	const struct profile *p = &s->profile;

	if (s->bundle->depth > 0)
		return;
	if ((p->kind == PROFILE_ENTERPRISE || p->is_free) && d->user_has_not_trusted)
		report(j, s, "trust.user-required", mem_copy("the user's trust"),
		       mem_copy("not given"),
		       mem_copy(
			       "Settings > General > VPN & Device Management: trust the "
			       "developer."));
	if (wants_developer_mode(j, p) && d->developer_mode_off)
		report(j, s, "devmode.off", mem_copy("Developer Mode"), mem_copy("off"),
		       mem_copy("Settings > Privacy & Security > Developer Mode."));
}

/* Read the profile embedded in the bundle, and judge it by itself. */
void check_profile(struct judgement *j, struct subject *s)
{
	AUTO(drop_str) char *path = bundle_profile_path(s->bundle);
	const struct container_file *file = container_find(j->c, path);
	struct error err = { 0 };

	if (!bundle_is_process(s->bundle) || file == NULL || j->as != JUDGE_DEVICE)
		return;
	s->profile_bytes = BUF_INIT(PROFILE_MAX_BYTES);
	if (!container_read(&s->profile_bytes, j->c, file, &err) ||
	    !profile_parse(&s->profile, buf_slice(&s->profile_bytes), &err)) {
		report(j, s, "profile.malformed", mem_copy("a provisioning profile"),
		       mem_copy(err.message), mem_copy("Download the profile again."));
		s->profile_is_odd = true;
		return;
	}
	s->has_profile = true;
	check_profile_signature(j, s);
	/* Else each signature brings its own moment. */
	if (!j->request->at_signing_time)
		check_profile_dates(j, s, j->request->at_s);
	check_profile_platform(j, s);
	check_profile_online(j, s);
}

void check_profile_on_device(struct judgement *j, struct subject *s)
{
	if (!s->has_profile)
		return;
	check_profile_device(j, s);
	check_profile_free(j, s);
	check_profile_launch(j, s);
}
