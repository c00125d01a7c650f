/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect of an Xcode project: what its targets ask for.  project show has the matrix,
 * and the lines that set it.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/inspect.h"
#include "cli/project_print.h"
#include "util/mem.h"
#include "util/plural.h"

/* What a target says to a question in one configuration; NULL: nothing.  New. */
typedef char *say(const struct xcode_target *t, const struct xcode_signing *s);

static char *who(const struct xcode_target *t, const struct xcode_signing *s)
{
	(void)t;
	if (!s->is_signed)
		return mem_copy("not signed");
	return mem_format("team %s, %s%s%s%s",
	                  s->team.text[0] != '\0' ? s->team.text : "not set",
	                  s->is_automatic ? "automatic" : "manual",
	                  s->identity.text[0] != '\0' ? ", \"" : "", s->identity.text,
	                  s->identity.text[0] != '\0' ? "\"" : "");
}

static char *what(const struct xcode_target *t, const struct xcode_signing *s)
{
	return mem_format("%s, %s",
	                  s->bundle_id.text[0] != '\0' ? s->bundle_id.text : "no id",
	                  xcode_product_name(t->product));
}

static char *where(const struct xcode_target *t, const struct xcode_signing *s)
{
	(void)t;
	return mem_copy(s->sdk);
}

static char *how(const struct xcode_target *t, const struct xcode_signing *s)
{
	const char *profile =
		s->specifier.text[0] != '\0' ? s->specifier.text : s->profile.text;
	const char *claims = s->entitlements.text;

	(void)t;
	if (profile[0] == '\0' && claims[0] == '\0')
		return NULL;
	return mem_format("%s%s%s%s%s%s", profile[0] != '\0' ? "profile \"" : "",
	                  profile, profile[0] != '\0' ? "\"" : "",
	                  profile[0] != '\0' && claims[0] != '\0' ? ", " : "",
	                  claims[0] != '\0' ? "entitlements " : "", claims);
}

/* Only what may be signed for a device is asked. */
static bool is_of_interest(const struct xcode_signing *s)
{
	return s->sdk[0] != '\0' && s->can_have_profile;
}

/* All configurations of a target that say the same are one line. */
static void add_target(struct answers *out, const struct xcode_project *p,
                       const struct xcode_target *t, enum question q, say *says)
{
	size_t n = t->configs.count, different = 0;
	char **texts = mem_zero(n + 1, sizeof(char *));

	for (size_t i = 0; i < n; i++) {
		AUTO(xcode_signing_free) struct xcode_signing s = { 0 };
		const struct xcode_scope scope = { .project = p,
			                           .target = t,
			                           .config = t->configs.items[i].name };

		xcode_signing_resolve(&s, &scope);
		texts[i] = is_of_interest(&s) ? says(t, &s) : NULL;
		different += i > 0 && (texts[i] == NULL) != (texts[0] == NULL);
		different += texts[i] != NULL && texts[0] != NULL &&
		             strcmp(texts[i], texts[0]) != 0;
	}
	for (size_t i = 0; i < n; i++) {
		if (texts[i] != NULL && different > 0)
			answers_add(out, q, TERM_PLAIN, "%s (%s): %s", t->name,
			            t->configs.items[i].name, texts[i]);
		else if (texts[i] != NULL && i == 0)
			answers_add(out, q, TERM_PLAIN, "%s: %s", t->name, texts[i]);
		free(texts[i]);
	}
	free(texts);
}

void inspect_answer_project(struct answers *out, const char *path)
{
	static const struct {
		enum question question;
		say *says;
	} questions[] = { { ASK_WHO, who },
		          { ASK_WHAT, what },
		          { ASK_WHERE, where },
		          { ASK_HOW, how } };
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	out->kind = artifact_kind_name(ARTIFACT_PROJECT);
	if (!xcode_project_open(&p, path, &err)) {
		answers_add(out, ASK_WHAT, TERM_BAD, "%s", err.message);
		return;
	}
	out->title = mem_copy(p.name);
	out->status = mem_format("%zu %s", p.target_count,
	                         plural(p.target_count, "target", "targets"));
	for (size_t q = 0; q < ARRAY_LEN(questions); q++)
		for (size_t i = 0; i < p.target_count; i++)
			add_target(out, &p, &p.targets[i], questions[q].question,
			           questions[q].says);
}

json_t *inspect_project_json(const char *path)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	const struct project_filter everything = { 0 };
	struct error ignored = { 0 };

	return xcode_project_open(&p, path, &ignored)
	               ? project_json(&p, &everything, false)
	               : json_null();
}
