/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect: provisioning profiles and entitlements.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/inspect.h"
#include "util/mem.h"
#include "util/plural.h"

#define DEVICES_SHOWN 3

/* A value on one line: yes, "text", [a, b], N entries. */
static char *value_text(const struct pl *v)
{
	switch (v->type) {
	case PL_BOOL:
		return mem_copy(v->boolean ? "yes" : "no");
	case PL_INT:
		return mem_format("%lld", (long long)v->integer);
	case PL_STRING:
		return mem_copy(pl_text(v));
	case PL_ARRAY:
		if (v->count == 1 && pl_text(v->items[0]) != NULL)
			return mem_format("[%s]", pl_text(v->items[0]));
		return mem_format("[%zu %s]", v->count,
		                  plural(v->count, "value", "values"));
	default:
		return mem_format("%s", pl_type_name(v->type));
	}
}

void inspect_add_entitlements(struct answers *a, const struct pl *entitlements)
{
	for (size_t i = 0; entitlements != NULL && i < entitlements->count; i++) {
		AUTO(drop_str) char *value = value_text(entitlements->items[i]);

		answers_add(a, ASK_HOW, "entitlement", TERM_PLAIN, "%s=%s",
		            entitlements->keys[i], value);
	}
}

static void add_where(struct answers *a, const struct profile *p)
{
	if (p->all_devices) {
		answers_add(a, ASK_WHERE, "devices", TERM_PLAIN,
		            "all devices (in-house)");
		return;
	}
	if (p->devices == NULL) {
		answers_add(
			a, ASK_WHERE, "devices", TERM_PLAIN,
			"App Store and TestFlight only; not to be installed directly");
		return;
	}
	answers_add(a, ASK_WHERE, "devices", TERM_PLAIN, "%zu %s", p->devices->count,
	            plural(p->devices->count, "device", "devices"));
	for (size_t i = 0; i < p->devices->count && i < DEVICES_SHOWN; i++) {
		answers_add(a, ASK_WHERE, "device", TERM_DIM, "%s",
		            pl_text(p->devices->items[i]));
		answers_detail(a);
	}
	if (p->devices->count > DEVICES_SHOWN) {
		answers_add(a, ASK_WHERE, "more", TERM_DIM, "... and %zu more",
		            p->devices->count - DEVICES_SHOWN);
		answers_detail(a);
	}
}

static void add_signers(struct answers *a, const struct profile *p,
                        const struct inspect_world *world)
{
	answers_add(a, ASK_WHO, "team", TERM_PLAIN, "team %s (%s), %zu %s", p->team_id,
	            p->team_name, p->certs.count,
	            plural(p->certs.count, "certificate", "certificates"));
	for (size_t i = 0; i < p->certs.count; i++) {
		const struct cert *cert = &p->certs.items[i];
		bool expired = cert->not_after_s <= world->now_s;

		answers_add(a, ASK_WHO, "certificate", expired ? TERM_WARN : TERM_PLAIN,
		            "%s, serial %s%s", cert->cn, cert->serial,
		            expired ? " (expired)" : "");
		answers_detail(a);
	}
}

static void add_signature(struct answers *a, const struct profile *p,
                          const struct inspect_world *world)
{
	char why[256];

	switch (profile_check_signature(p, world->trust, why)) {
	case PROFILE_SIGNATURE_OK:
		answers_add(a, ASK_WHO, "authority", TERM_PLAIN, "authority: %s", why);
		break;
	case PROFILE_SIGNATURE_BAD:
		answers_add(a, ASK_WHO, "authority", TERM_BAD, "signature: %s", why);
		break;
	default:
		answers_add(a, ASK_WHO, "authority", TERM_WARN, "authority: %s", why);
		break;
	}
	answers_detail(a);
	if (!profile_check_der(p, world->trust, why)) {
		answers_add(a, ASK_WHO, "der-profile", TERM_WARN,
		            "DER-Encoded-Profile: %s", why);
		answers_detail(a);
	}
}

void inspect_add_profile(struct answers *a, const struct profile *p,
                         const struct inspect_world *world)
{
	bool wild = strchr(p->app_id, '*') != NULL;

	add_signers(a, p, world);
	add_signature(a, p, world);
	answers_add(a, ASK_WHAT, "app-id", TERM_PLAIN, "%s (%s)", p->app_id,
	            wild ? "wildcard" : "explicit");
	add_where(a, p);
	inspect_add_until(a, "profile", p->expires_s, world->now_s);
	inspect_add_entitlements(a, p->entitlements);
}

bool inspect_profile(struct answers *out, struct slice bytes,
                     const struct inspect_world *world, struct error *err)
{
	AUTO(profile_free) struct profile p = { 0 };

	if (!profile_parse(&p, bytes, err))
		return false;
	out->kind = "provisioning profile";
	out->title = mem_copy(p.name);
	out->status = mem_format("%s%s", profile_kind_name(p.kind),
	                         p.is_xcode_managed ? ", managed by Xcode" : "");
	inspect_add_profile(out, &p, world);
	return true;
}

bool inspect_plist(struct answers *out, struct slice bytes, struct error *err)
{
	AUTO(drop_pl) struct pl *root = NULL;

	if (!pl_parse(&root, bytes, "property list", err))
		return false;
	if (root->type != PL_DICT)
		return error_set(err, ERROR_FORMAT,
		                 "the property list is %s, not a "
		                 "dictionary",
		                 pl_type_name(root->type));
	const char *id = pl_string(root, "CFBundleIdentifier");
	out->kind = id != NULL ? "Info.plist" : "entitlements";
	if (id != NULL) {
		out->title = mem_copy(id);
		answers_add(out, ASK_WHAT, "bundle-id", TERM_PLAIN, "%s", id);
		return true;
	}
	const char *app_id = pl_string(root, "application-identifier");
	if (app_id != NULL)
		answers_add(out, ASK_WHAT, "app-id", TERM_PLAIN, "%s", app_id);
	inspect_add_entitlements(out, root);
	return true;
}
