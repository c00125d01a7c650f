/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signopt.h"

#include "cli/cacheopt.h"

#include "cli/password.h"
#include "cli/requirementopt.h"
#include "cli/trustopt.h"

struct signopt signopt;

static const char *const identity_words[] = { "-", NULL };
static const char *const page_sizes[] = { "4096", "16384", NULL };

void signopt_free(struct signopt *opt)
{
	opt_list_free(&opt->profiles);
	opt_list_free(&opt->renames);
	opt_list_free(&opt->removals);
}

const struct opt signopt_table[] = {
	/* SIGNOPT_RESIGN_ONLY of these */
	{ .letter = 'b',
	  .name = "bundle-id",
	  .text = &signopt.bundle_id,
	  .value = "ID",
	  .help = "new bundle id of the app; those of its extensions, watch app and "
	          "clips follow" },
	{ .name = "map",
	  .list = &signopt.renames,
	  .value = "OLD=NEW",
	  .help = "another new bundle id, for exactly this one; may be given several "
	          "times" },
	{ .name = "app-groups",
	  .flag = &signopt.app_groups,
	  .help = "with -b: group.OLD... of the entitlements becomes group.NEW..." },
	{ .name = "set-version",
	  .text = &signopt.version,
	  .value = "VERSION",
	  .help = "new version, of the app and of all that runs in it" },
	{ .name = "set-build",
	  .text = &signopt.build,
	  .value = "BUILD",
	  .help = "new build number, of the app and of all that runs in it" },
	{ .name = "display-name",
	  .text = &signopt.display_name,
	  .value = "NAME",
	  .help = "new name below the icon" },
	{ .name = "remove-plugins",
	  .list = &signopt.removals,
	  .value = "GLOB",
	  .help = "leave out extensions, watch apps and clips of this name, path or "
	          "bundle id ('*': all); may be given several times" },
	{ .name = "keep-entitlements",
	  .flag = &signopt.keep,
	  .help = "exactly the old entitlements, or an error" },
	{ .name = "from-profile",
	  .flag = &signopt.grant,
	  .help = "all entitlements that the profile grants" },
	{ .name = "merge",
	  .flag = &signopt.merge,
	  .help = "the old entitlements as far as the profile allows; the default" },
	/* and of both */
	{ .letter = 'o',
	  .name = "output",
	  .text = &signopt.out,
	  .value = "OUT",
	  .hint = OPT_FILE,
	  .help = "where the signed app goes (may be IN, with -f)" },
	{ .name = "p12",
	  .text = &signopt.identity.p12,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "the identity: key and certificate in a PKCS#12 file" },
	{ .letter = 'P',
	  .name = "password",
	  .text = &signopt.identity.password,
	  .value = "WHERE",
	  .help = PASSWORD_HELP },
	{ .letter = 'k',
	  .name = "key",
	  .text = &signopt.identity.key,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "the private key, with --cert" },
	{ .letter = 'c',
	  .name = "cert",
	  .text = &signopt.identity.cert,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "the certificate, with --key" },
	{ .letter = 's',
	  .name = "identity",
	  .text = &signopt.identity_word,
	  .value = "-",
	  .choices = identity_words,
	  .help = "\"-\" signs ad hoc: no identity, no profile" },
	{ .letter = 'm',
	  .name = "profile",
	  .list = &signopt.profiles,
	  .value = "[BUNDLE_ID=]FILE",
	  .hint = OPT_FILE,
	  .help = "a provisioning profile; may be given several times" },
	{ .name = "entitlements",
	  .text = &signopt.entitlements,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "entitlements of the app (default: its own, as far as the profile "
	          "allows)" },
	{ .letter = 'i',
	  .name = "identifier",
	  .text = &signopt.identifier,
	  .value = "ID",
	  .help = "identifier of a bare Mach-O file" },
	{ .letter = 'r',
	  .name = "requirement",
	  .text = &signopt.requirement,
	  .value = "TEXT|@FILE",
	  .help = "the app's designated requirement, " REQUIREMENT_HELP },
	{ .name = "page-size",
	  .text = &signopt.page_size,
	  .value = "BYTES",
	  .choices = page_sizes,
	  .help = "of code pages; default 4096" },
	{ .name = "compress",
	  .text = &signopt.level,
	  .value = "0..12",
	  .help = "how hard to deflate changed files; default 6" },
	CACHE_OPTION(signopt.cache),
	{ .name = "threads",
	  .text = &signopt.threads,
	  .value = "1..64",
	  .help = "how many to work with; default: all processors" },
	{ .name = "signing-time",
	  .text = &signopt.signing_time,
	  .value = "DATE",
	  .help = "the moment that signatures state (2027-03-02, UTC); an RSA key then "
	          "makes the same bytes each time, an EC key never does" },
	{ .name = "roots",
	  .text = &signopt.roots,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = ROOTS_HELP },
	{ .letter = 'n',
	  .name = "plan",
	  .flag = &signopt.plan,
	  .help = "print what would be done, and stop" },
	{ .name = "no-judge",
	  .flag = &signopt.no_judge,
	  .help = "do not judge the result: faster by a third, for those who verify it "
	          "anyway" },
	{ .letter = 'f',
	  .name = "force",
	  .flag = &signopt.force,
	  .help = "replace OUT if it is there" },
	{ 0 },
};
