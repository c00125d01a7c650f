/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What depends on the device: it is asked for each of many, while everything else is
 * looked at once (spec codesign.md 9.1, 9.3).
 */
#include <string.h>

#include "util/mem.h"
#include "util/plural.h"
#include "verify/verify_impl.h"

#define FIRST_STRICT_OS VERIFY_OS(15) /* demands version 0x20400 and DER (3.4) */
#define FIRST_64_BIT_OS VERIFY_OS(11)

#define FAMILY_PHONE    1
#define FAMILY_PAD      2

/* The system of a watch is not the phone's. */
static void check_os(struct judgement *j, struct subject *s)
{
	const char *minimum = pl_string(s->bundle->info, "MinimumOSVersion");
	uint32_t needed = 0, os = j->device->os_version;
	char text[MACHO_VERSION_TEXT];

	if (os == 0 || minimum == NULL || is_on_watch(s->bundle) ||
	    !macho_version_parse(&needed, minimum) || needed <= os)
		return;
	macho_version_text(text, os);
	report(j, s, "bundle.os-too-old", mem_format("%s or later", minimum),
	       mem_format("the device runs %s", text),
	       mem_copy("Update the device, or build with a lower deployment target."));
}

/* 1 phone, 2 pad, ... of a model such as "iPhone14,5"; 0: not said. */
static int family_of(const char *model)
{
	static const struct {
		const char *prefix;
		int family;
	} models[] = { { "iPhone", FAMILY_PHONE },
		       { "iPod", FAMILY_PHONE },
		       { "iPad", FAMILY_PAD },
		       { "AppleTV", 3 },
		       { "Watch", 4 },
		       { "RealityDevice", 7 } };

	for (size_t i = 0; model != NULL && i < ARRAY_LEN(models); i++)
		if (strncmp(model, models[i].prefix, strlen(models[i].prefix)) == 0)
			return models[i].family;
	return 0;
}

static void check_family(struct judgement *j, struct subject *s)
{
	const struct pl *families =
		pl_get_type(s->bundle->info, "UIDeviceFamily", PL_ARRAY);
	int family = family_of(j->device->model);

	if (family == 0 || families == NULL || s->bundle->depth > 0)
		return;
	/* Apps for phones run on tablets too. */
	if (pl_array_has_int(families, family) ||
	    (family == FAMILY_PAD && pl_array_has_int(families, FAMILY_PHONE)))
		return;
	report(j, s, "bundle.device-family",
	       mem_format("UIDeviceFamily with %d", family),
	       mem_format("%zu other %s", families->count,
	                  plural(families->count, "family", "families")),
	       mem_copy("Build the app for this kind of device."));
}

/* Thinning says which models a variant is for. */
static void check_model(struct judgement *j, struct subject *s)
{
	const struct pl *models =
		pl_get_type(s->bundle->info, "UISupportedDevices", PL_ARRAY);
	const char *model = j->device->model;

	if (model == NULL || models == NULL || s->bundle->depth > 0 ||
	    pl_array_has(models, model))
		return;
	report(j, s, "bundle.thinned", mem_format("UISupportedDevices with %s", model),
	       mem_format("%zu other %s", models->count,
	                  plural(models->count, "model", "models")),
	       mem_copy("Export the variant for this model, or one for all."));
}

/* An upgrade must be of the app that is there (9.1 step 6). */
static void check_upgrade(struct judgement *j, struct subject *app)
{
	const char *old = j->device->installed_app_id;
	const char *new = pl_string(app->entitlements, "application-identifier");

	if (old == NULL || new == NULL || strcmp(old, new) == 0)
		return;
	AUTO(drop_str) char *command = fix_sign(j);
	report(j, app, "upgrade.appid-mismatch", mem_copy(old), mem_copy(new),
	       mem_format(
		       "delete the installed app with its data, or sign as its team: %s",
		       command));
}

/* Only slices that a device of the named system could run. */
static void check_cpu(struct judgement *j, struct subject *app)
{
	bool has_64 = false;

	if (!app->has_code || j->device->os_version < FIRST_64_BIT_OS)
		return;
	for (size_t i = 0; i < app->macho.count; i++)
		has_64 |= app->macho.slices[i].cputype == MACHO_CPU_ARM64;
	if (!has_64)
		report(j, app, "bundle.cpu", mem_copy("arm64 code"),
		       mem_copy(macho_arch_name(&app->macho.slices[0])),
		       mem_copy("Build for arm64."));
}

/* Code for something else than a device: no device takes it. */
static void check_target(struct judgement *j, struct subject *app)
{
	if (j->device->udid != NULL)
		report(j, app, "bundle.cpu", mem_copy("code for devices"),
		       mem_copy(j->as == JUDGE_MACOS ? "code for macOS"
		                                     : "code for the simulator"),
		       mem_copy("Build for devices."));
}

static void check_form(struct judgement *j, struct subject *s)
{
	uint32_t os = j->device->os_version;

	if (s->old_form == NULL || (os != 0 && os < FIRST_STRICT_OS))
		return;
	report(j, s, os == 0 ? "sig.form-old" : "sig.version-old",
	       mem_copy("code directory 0x20400 and DER entitlements"),
	       mem_copy(s->old_form), fix_sign(j));
}

void check_device(struct judgement *j)
{
	if (j->as != JUDGE_DEVICE) {
		check_target(j, &j->subjects[0]);
		return;
	}
	for (size_t i = 0; i < j->tree.count; i++) {
		struct subject *s = &j->subjects[i];

		if (bundle_is_process(s->bundle) && s->bundle->problem == NULL) {
			check_os(j, s);
			check_family(j, s);
			check_model(j, s);
			check_point_on_device(j, s);
		}
		check_profile_on_device(j, s);
		check_form(j, s);
	}
	check_cpu(j, &j->subjects[0]);
	check_upgrade(j, &j->subjects[0]);
}
