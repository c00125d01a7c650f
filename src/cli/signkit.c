/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signkit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cacheopt.h"
#include "cli/requirementopt.h"
#include "cli/trustopt.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/pool.h"
#include "util/sniff.h"

#define ENTITLEMENTS_FILE_MAX ((size_t)1 << 20)
#define DEFAULT_LEVEL         6
#define MAX_LEVEL             12

struct signkit_profile {
	char *bundle_id; /* NULL: for every bundle it covers */
	struct buf bytes;
	struct profile profile;
};

void signkit_free(struct signkit *kit)
{
	for (size_t i = 0; i < kit->request.profile_count; i++) {
		free(kit->loaded[i].bundle_id);
		profile_free(&kit->loaded[i].profile);
		buf_free(&kit->loaded[i].bytes);
	}
	for (size_t i = 0; i < kit->request.edits.rename_count; i++) {
		free(kit->renames[i].from);
		free(kit->renames[i].to);
	}
	free(kit->renames);
	free(kit->loaded);
	free(kit->profiles);
	pl_free(kit->entitlements);
	buf_free(&kit->requirement);
	drop_hash_cache(&kit->cache);
	trust_free(&kit->trust);
	identity_free(&kit->identity);
	*kit = (struct signkit){ 0 };
}

/* "com.acme.shop=File" or "File"; a file whose name has a '=' wins if it is there. */
static bool load_profile(struct signkit_profile *out, const char *given,
                         struct error *err)
{
	const char *equals = strchr(given, '=');
	const char *file = given;

	if (equals != NULL && access(given, F_OK) != 0) {
		out->bundle_id = mem_str(given, (size_t)(equals - given));
		file = equals + 1;
	}
	out->bytes = BUF_INIT(PROFILE_MAX_BYTES);
	if (!file_read(&out->bytes, file, err))
		return false;
	if (!profile_parse(&out->profile, buf_slice(&out->bytes), err))
		return sniff_refused(err, "profile", file, buf_slice(&out->bytes));
	return true;
}

static bool load_profiles(struct signkit *kit, const struct opt_list *given,
                          struct error *err)
{
	size_t n = given->count;

	if (n == 0)
		return true;
	kit->loaded = mem_zero(n, sizeof *kit->loaded);
	kit->profiles = mem_zero(n, sizeof *kit->profiles);
	kit->request.profiles = kit->profiles;
	kit->request.profile_count = n;
	for (size_t i = 0; i < n; i++) {
		struct signkit_profile *p = &kit->loaded[i];

		if (!load_profile(p, given->items[i], err))
			return false;
		kit->profiles[i] = (struct sign_profile){
			.bundle_id = p->bundle_id,
			.profile = &p->profile,
			.bytes = buf_slice(&p->bytes),
			.file = given->items[i],
		};
	}
	return true;
}

static bool load_entitlements(struct signkit *kit, const char *path, struct error *err)
{
	AUTO(buf_free) struct buf file = BUF_INIT(ENTITLEMENTS_FILE_MAX);

	if (path == NULL)
		return true;
	if (!file_read(&file, path, err))
		return false;
	if (!pl_parse(&kit->entitlements, buf_slice(&file), "entitlements", err))
		return sniff_refused(err, "entitlements", path, buf_slice(&file));
	if (kit->entitlements->type != PL_DICT)
		return error_set(err, ERROR_FORMAT,
		                 "entitlements \"%s\" are not a dictionary", path);
	kit->request.entitlements = kit->entitlements;
	return true;
}

static bool load_requirement(struct signkit *kit, const char *given, struct error *err)
{
	kit->requirement = BUF_INIT(REQUIREMENT_MAX_BYTES);
	if (given == NULL)
		return true;
	if (!requirementopt_load(&kit->requirement, given, err))
		return false;
	kit->request.requirement = buf_slice(&kit->requirement);
	return true;
}

static bool load_identity(struct signkit *kit, const struct signopt *opt,
                          struct error *err)
{
	if (opt->identity_word != NULL) {
		if (opt->profiles.count > 0)
			return error_set(err, ERROR_USAGE,
			                 "ad hoc signing (-s -) takes no profile");
		return trustopt_load(&kit->trust, opt->roots, err);
	}
	if (!identityopt_load(&kit->identity, &opt->identity, err) ||
	    !trustopt_for_identity(&kit->trust, opt->roots, &kit->identity, err))
		return false;
	kit->request.identity = &kit->identity;
	kit->request.key = key_signer(&kit->identity.key);
	return true;
}

static bool read_signing_time(int64_t *out, const char *text, struct error *err)
{
	if (text == NULL)
		return true;
	if (!clock_parse(out, text, err))
		return error_context(err, "reading the option \"--signing-time\"");
	return *out > 0 || error_set(err, ERROR_USAGE,
	                             "option \"--signing-time\" cannot be \"%s\": it "
	                             "is not after 1970-01-01",
	                             text);
}

/* "OLD=NEW" */
static bool read_rename(struct sign_rename *out, const char *given, struct error *err)
{
	const char *equals = strchr(given, '=');

	if (equals == NULL || equals == given || equals[1] == '\0')
		return error_set(err, ERROR_USAGE,
		                 "option \"--map\" cannot be \"%s\": it is OLD=NEW",
		                 given);
	out->from = mem_str(given, (size_t)(equals - given));
	out->to = mem_copy(equals + 1);
	return true;
}

static bool read_edits(struct signkit *kit, const struct signopt *opt,
                       struct error *err)
{
	struct sign_edits *edits = &kit->request.edits;

	edits->bundle_id = opt->bundle_id;
	edits->app_groups = opt->app_groups;
	edits->version = opt->version;
	edits->build = opt->build;
	edits->display_name = opt->display_name;
	edits->removals = opt->removals.items;
	edits->removal_count = opt->removals.count;
	if (opt->renames.count > 0)
		kit->renames = mem_zero(opt->renames.count, sizeof *kit->renames);
	edits->renames = kit->renames;
	edits->rename_count = opt->renames.count;
	for (size_t i = 0; i < opt->renames.count; i++)
		if (!read_rename(&kit->renames[i], opt->renames.items[i], err))
			return false;
	return sign_edits_check(edits, err);
}

/* Where entitlements come from: one way only. */
static bool read_way(enum sign_entitle *out, const struct signopt *opt,
                     struct error *err)
{
	int ways = opt->keep + opt->grant + opt->merge + (opt->entitlements != NULL);

	if (ways > 1)
		return error_set(err, ERROR_USAGE,
		                 "give only one of --keep-entitlements, "
		                 "--from-profile, --merge and --entitlements");
	if (opt->grant && opt->identity_word != NULL)
		return error_set(err, ERROR_USAGE,
		                 "ad hoc signing (-s -) has no profile to take "
		                 "entitlements from");
	*out = opt->keep ? SIGN_KEEP : opt->grant ? SIGN_GRANT : SIGN_MERGE;
	return true;
}

/* What needs no file, so that a mistake shows before a password is asked for. */
static bool read_request(struct sign_request *out, const struct signopt *opt,
                         const struct cli *cli, struct error *err)
{
	bool wide = opt->page_size != NULL && strcmp(opt->page_size, "16384") == 0;
	unsigned level = DEFAULT_LEVEL;

	out->identifier = opt->identifier;
	out->page_size_log2 = wide ? 14 : 12;
	out->time_s = clock_now(cli->clock);
	out->threads = pool_default_threads();
	if (!opt_number(&level, "compress", opt->level, 0, MAX_LEVEL, err) ||
	    !opt_number(&out->threads, "threads", opt->threads, 1, POOL_MAX_THREADS,
	                err))
		return false;
	out->level = (int)level;
	return read_signing_time(&out->signing_time_s, opt->signing_time, err);
}

bool signkit_load(struct signkit *out, const struct signopt *opt, const struct cli *cli,
                  struct error *err)
{
	/* Not by way of a local: the request points into it. */
	*out = (struct signkit){ .request = { .trust = &out->trust } };
	if (!cacheopt_open(&out->cache, opt->cache, cli, err) ||
	    !read_request(&out->request, opt, cli, err))
		return false;
	out->request.cache = out->cache;
	return read_way(&out->request.entitle, opt, err) && read_edits(out, opt, err) &&
	       load_requirement(out, opt->requirement, err) &&
	       load_identity(out, opt, err) &&
	       load_profiles(out, &opt->profiles, err) &&
	       load_entitlements(out, opt->entitlements, err);
}
