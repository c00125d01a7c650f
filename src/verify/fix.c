/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to do about a finding: commands that can be typed as they stand, but for words
 * in capitals.
 */
#include <string.h>

#include "util/mem.h"
#include "util/shell.h"
#include "verify/verify_impl.h"

#define FROM_P12 "--p12 FILE"

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

static char *signing(const struct judgement *j, const char *verb, const char *options,
                     const char *identity)
{
	AUTO(drop_str) char *out = output_name(input_name(j));
	AUTO(drop_str) char *in_quoted = shell_quoted(input_name(j));
	AUTO(drop_str) char *out_quoted = shell_quoted(out);

	return mem_format("sealring %s %s%s -o %s %s -m PROFILE", verb, in_quoted,
	                  options, out_quoted, identity);
}

char *fix_list(const struct judgement *j)
{
	AUTO(drop_str) char *quoted = shell_quoted(input_name(j));

	return mem_format("sealring verify %s --crl LIST", quoted);
}

char *fix_sign(const struct judgement *j)
{
	return signing(j, "sign", "", FROM_P12);
}

char *fix_info(const struct judgement *j, const struct subject *s, const char *key)
{
	AUTO(drop_str) char *path = bundle_info_path(s->bundle);
	AUTO(drop_str) char *command = fix_sign(j);

	return mem_format("correct %s in %s, then %s", key, path, command);
}

char *fix_rename(const struct judgement *j, const struct subject *s, const char *outer)
{
	AUTO(drop_str) char *id = shell_quoted(s->bundle->id);
	AUTO(drop_str) char *other = shell_quoted(outer);
	AUTO(drop_str) char *map = mem_format(" --map %s=%s.NAME", id, other);

	return signing(j, "resign", map, FROM_P12);
}

char *fix_remove(const struct judgement *j, const struct subject *s)
{
	const char *slash = strrchr(s->bundle->path, '/');
	AUTO(drop_str)
	char *name = shell_quoted(slash != NULL ? slash + 1 : s->bundle->path);
	AUTO(drop_str) char *options = mem_format(" --remove-plugins %s", name);

	return signing(j, "resign", options, FROM_P12);
}

char *fix_profile(const struct judgement *j, const struct profile *p)
{
	AUTO(drop_str) char *name = shell_quoted(p->name);
	AUTO(drop_str) char *command = fix_sign(j);

	return mem_format("sealring profile renew %s --portal DIR -o PROFILE -f && %s",
	                  name, command);
}

char *fix_device(const struct judgement *j, const struct profile *p, const char *udid)
{
	AUTO(drop_str) char *command = fix_profile(j, p);

	return mem_format("sealring device add %s NAME --portal DIR && %s", udid,
	                  command);
}

static char *make_profile(const struct judgement *j, const struct subject *s,
                          const char *type, const char *identity)
{
	AUTO(drop_str)
	char *id = shell_quoted(s->bundle->id != NULL ? s->bundle->id : "ID");
	AUTO(drop_str) char *command = signing(j, "sign", "", identity);

	return mem_format("sealring profile create %s -a %s --portal DIR -o PROFILE && "
	                  "%s",
	                  type, id, command);
}

char *fix_app_id(const struct judgement *j, const struct subject *s)
{
	return make_profile(j, s,
	                    s->has_profile ? profile_kind_word(s->profile.kind)
	                                   : "TYPE",
	                    FROM_P12);
}

char *fix_adhoc(const struct judgement *j, const struct subject *s)
{
	return make_profile(j, s, "adhoc", FROM_P12);
}

char *fix_appstore(const struct judgement *j, const struct subject *s)
{
	return make_profile(j, s, "appstore", FROM_P12);
}

/* A new certificate, and what can be signed with it: FILE. */
#define NEW_IDENTITY                                                            \
	"sealring cert request CSR --type %s --portal DIR -o CERT && sealring " \
	"p12 make -k KEY -c CERT --portal DIR -o FILE && "

char *fix_distribution(const struct judgement *j, const struct subject *s)
{
	AUTO(drop_str) char *command = make_profile(j, s, "appstore", FROM_P12);

	return mem_format(NEW_IDENTITY "%s", "distribution", command);
}

char *fix_certificate(const struct judgement *j, const struct subject *s)
{
	AUTO(drop_str)
	char *command = s->has_profile ? fix_profile(j, &s->profile) : fix_sign(j);

	return mem_format(NEW_IDENTITY "%s",
	                  cert_kind_is_development(s->signer_kind) ? "development"
	                                                           : "distribution",
	                  command);
}

char *fix_granted(const struct judgement *j)
{
	return signing(j, "resign", " --from-profile", FROM_P12);
}

/* No capability gives these: each profile has them, with the values of its kind. */
static bool is_given(const char *key)
{
	static const char *const keys[] = {
		"application-identifier", "com.apple.developer.team-identifier",
		"get-task-allow",         "keychain-access-groups",
		"beta-reports-active",
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

char *fix_capability(const struct judgement *j, const struct subject *s,
                     const char *key)
{
	/* Has the profile the key, with other values?  Then signing takes those. */
	if (is_given(key) || pl_get(s->profile.entitlements, key) != NULL)
		return fix_sign(j);
	AUTO(drop_str)
	char *id = shell_quoted(s->bundle->id != NULL ? s->bundle->id : "ID");
	AUTO(drop_str) char *name = shell_quoted(key);
	AUTO(drop_str) char *command = fix_profile(j, &s->profile);

	return mem_format("sealring app capabilities %s --enable %s --portal DIR && %s",
	                  id, name, command);
}

char *fix_replace(const struct judgement *j, const char *path)
{
	AUTO(drop_str) char *command = fix_sign(j);

	return mem_format("put the file itself at %s, then %s", path, command);
}
