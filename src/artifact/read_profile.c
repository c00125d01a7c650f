/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "artifact/artifact_impl.h"
#include "util/mem.h"

/* profile_parse() sees to it that there are strings. */
static char *copy_text(const char *text)
{
	return mem_copy(text != NULL ? text : "");
}

static struct pl *copy_tree(const struct pl *v)
{
	return v != NULL ? pl_copy(v) : NULL;
}

static void judge(struct artifact_profile *out, const struct profile *p,
                  const struct artifact_how *how)
{
	char why[256] = "not checked";

	out->signature = PROFILE_SIGNATURE_UNTRUSTED;
	if (!how->skip_profile_check)
		out->signature = profile_check_signature(p, how->trust, why);
	out->authority = mem_copy(why);
	if (!how->skip_profile_check && !profile_check_der(p, how->trust, why))
		out->der_problem = mem_copy(why);
}

bool artifact_profile_read(struct artifact_profile **out, struct slice bytes,
                           const struct artifact_how *how, struct error *err)
{
	AUTO(profile_free) struct profile p = { 0 };

	if (!profile_parse(&p, bytes, err))
		return false;
	struct artifact_profile *made = mem_zero(1, sizeof *made);
	*made = (struct artifact_profile){
		.name = copy_text(p.name),
		.uuid = copy_text(p.uuid),
		.team_id = copy_text(p.team_id),
		.team_name = copy_text(p.team_name),
		.app_id_name = copy_text(p.app_id_name),
		.app_id = copy_text(p.app_id),
		.prefix = copy_text(p.prefix),
		.is_wildcard = strchr(p.app_id, '*') != NULL,
		.kind = p.kind,
		.all_devices = p.all_devices,
		.is_xcode_managed = p.is_xcode_managed,
		.is_free = p.is_free,
		.created_s = p.created_s,
		.expires_s = p.expires_s,
		.platforms = copy_tree(p.platforms),
		.devices = copy_tree(p.devices),
		.entitlements = copy_tree(p.entitlements),
		.certs = mem_zero(p.certs.count + 1, sizeof *made->certs),
		.cert_count = p.certs.count,
	};
	for (size_t i = 0; i < p.certs.count; i++)
		artifact_cert_fill(&made->certs[i], &p.certs.items[i], NULL,
		                   how->trust);
	judge(made, &p, how);
	*out = made;
	return true;
}

void artifact_profile_free(struct artifact_profile *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->cert_count; i++)
		artifact_cert_free(&p->certs[i]);
	free(p->certs);
	free(p->name);
	free(p->uuid);
	free(p->team_id);
	free(p->team_name);
	free(p->app_id_name);
	free(p->app_id);
	free(p->prefix);
	pl_free(p->platforms);
	pl_free(p->devices);
	pl_free(p->entitlements);
	free(p->authority);
	free(p->der_problem);
	free(p);
}
