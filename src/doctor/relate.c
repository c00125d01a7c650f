/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/relate.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

bool relate_next_profile(struct exam_profile *p, const struct exam *x)
{
	while (exam_next_profile(p, x))
		if (p->bundle == NULL)
			return true;
	return false;
}

bool relate_covers(const struct artifact_profile *p, const char *bundle_id)
{
	AUTO(drop_str) char *app_id = mem_format("%s.%s", p->prefix, bundle_id);

	return profile_covers(p->app_id, app_id);
}

bool relate_has_identity(const struct exam *x, const struct artifact_profile *p)
{
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, x))
		if (c.has_key && artifact_profile_cert(p, c.cert->sha256) != NULL)
			return true;
	return false;
}

bool relate_named(struct exam_profile *out, const char **name, bool *is_uuid,
                  const struct exam *x, const struct exam_target *t)
{
	const char *by_name = t->signing.specifier.text;
	const char *by_uuid = t->signing.profile.text;

	*is_uuid = by_name[0] == '\0';
	*name = *is_uuid ? by_uuid : by_name;
	if ((*name)[0] == '\0')
		*name = NULL;
	*out = (struct exam_profile){ 0 };
	while (*name != NULL && relate_next_profile(out, x))
		if (strcmp(out->profile->name, *name) == 0 ||
		    strcasecmp(out->profile->uuid, *name) == 0)
			return true;
	return false;
}

bool relate_is_process(const struct artifact_bundle *b)
{
	return b->kind == BUNDLE_APP || b->kind == BUNDLE_WATCH_APP ||
	       b->kind == BUNDLE_CLIP || b->kind == BUNDLE_APPEX;
}

char *relate_target_name(const struct exam_target *t)
{
	return mem_format("%s: %s, %s", t->project->bundle, t->target->name, t->config);
}
