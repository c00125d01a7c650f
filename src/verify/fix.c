/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to do about a finding: commands that can be typed as they stand, but for words
 * in capitals.
 */
#include <ctype.h>
#include <string.h>

#include "util/mem.h"
#include "verify/verify_impl.h"

char *fix_quoted(const char *text)
{
	size_t quotes = 0;
	bool plain = text[0] != '\0' && text[0] != '-';

	for (const char *p = text; *p != '\0'; p++) {
		quotes += *p == '\'';
		plain &= isalnum((unsigned char)*p) || strchr("-_./:@%+=,", *p) != NULL;
	}
	if (plain)
		return mem_copy(text);
	/* ' becomes '\'' */
	char *out = mem_zero(strlen(text) + 3 * quotes + 3, 1), *to = out;
	*to++ = '\'';
	for (const char *p = text; *p != '\0'; p++) {
		*to++ = *p;
		if (*p != '\'')
			continue;
		*to++ = '\\';
		*to++ = '\'';
		*to++ = '\'';
	}
	*to++ = '\'';
	return out;
}

static const char *input_name(const struct judgement *j)
{
	return j->request->name != NULL ? j->request->name : j->c->path;
}

/* "dir/Shop.ipa": "Shop-signed.ipa", here. */
static char *output_name(const char *in)
{
	size_t n = strlen(in);

	while (n > 1 && in[n - 1] == '/')
		n--;
	AUTO(drop_str) char *whole = mem_str(in, n);
	const char *slash = strrchr(whole, '/');
	const char *name = slash != NULL ? slash + 1 : whole;
	const char *dot = strrchr(name, '.');
	int stem = dot != NULL && dot > name ? (int)(dot - name) : (int)strlen(name);

	return mem_format("%.*s-signed%s", stem, name, name + stem);
}

static char *signing(const struct judgement *j, const char *verb, const char *options)
{
	AUTO(drop_str) char *out = output_name(input_name(j));
	AUTO(drop_str) char *in_quoted = fix_quoted(input_name(j));
	AUTO(drop_str) char *out_quoted = fix_quoted(out);

	return mem_format("sealring %s %s%s -o %s --p12 FILE -m PROFILE", verb,
	                  in_quoted, options, out_quoted);
}

char *fix_sign(const struct judgement *j)
{
	return signing(j, "sign", "");
}

char *fix_info(const struct judgement *j, const struct subject *s, const char *key)
{
	AUTO(drop_str) char *path = bundle_info_path(s->bundle);
	AUTO(drop_str) char *command = fix_sign(j);

	return mem_format("correct %s in %s, then %s", key, path, command);
}

char *fix_rename(const struct judgement *j, const struct subject *s, const char *outer)
{
	AUTO(drop_str) char *id = fix_quoted(s->bundle->id);
	AUTO(drop_str) char *other = fix_quoted(outer);
	AUTO(drop_str) char *map = mem_format(" --map %s=%s.NAME", id, other);

	return signing(j, "resign", map);
}

char *fix_remove(const struct judgement *j, const struct subject *s)
{
	const char *slash = strrchr(s->bundle->path, '/');
	AUTO(drop_str)
	char *name = fix_quoted(slash != NULL ? slash + 1 : s->bundle->path);
	AUTO(drop_str) char *options = mem_format(" --remove-plugins %s", name);

	return signing(j, "resign", options);
}

char *fix_profile(const struct judgement *j, const struct profile *p)
{
	AUTO(drop_str) char *name = fix_quoted(p->name);
	AUTO(drop_str) char *command = fix_sign(j);

	return mem_format("sealring profile renew %s --portal DIR -o PROFILE && %s",
	                  name, command);
}

char *fix_device(const struct judgement *j, const struct profile *p, const char *udid)
{
	AUTO(drop_str) char *command = fix_profile(j, p);

	return mem_format("sealring device add %s NAME --portal DIR && %s", udid,
	                  command);
}

static char *make_profile(const struct judgement *j, const struct subject *s,
                          const char *type)
{
	AUTO(drop_str)
	char *id = fix_quoted(s->bundle->id != NULL ? s->bundle->id : "ID");
	AUTO(drop_str) char *command = fix_sign(j);

	return mem_format("sealring profile create %s -a %s --portal DIR -o PROFILE && "
	                  "%s",
	                  type, id, command);
}

char *fix_app_id(const struct judgement *j, const struct subject *s)
{
	return make_profile(j, s,
	                    s->has_profile ? profile_kind_word(s->profile.kind)
	                                   : "TYPE");
}

char *fix_adhoc(const struct judgement *j, const struct subject *s)
{
	return make_profile(j, s, "adhoc");
}

char *fix_capability(const struct judgement *j, const struct subject *s)
{
	AUTO(drop_str)
	char *id = fix_quoted(s->bundle->id != NULL ? s->bundle->id : "ID");
	AUTO(drop_str) char *command = fix_profile(j, &s->profile);

	return mem_format(
		"sealring app capabilities %s --enable NAME --portal DIR && %s", id,
		command);
}

char *fix_replace(const struct judgement *j, const char *path)
{
	AUTO(drop_str) char *command = fix_sign(j);

	return mem_format("put the file itself at %s, then %s", path, command);
}
