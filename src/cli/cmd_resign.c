/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resign - seal apps anew, with another identity, and changed on the way
 */
#include "cli/commands.h"
#include "cli/signbatch.h"
#include "cli/signjob.h"

static struct opt_list given;

static const struct operand operands[] = {
	{ .name = "IN",
	  .list = &given,
	  .hint = OPT_FILE,
	  .help = "an .ipa, .app, .xcarchive, a .zip of one, or a Mach-O file; a folder "
	          "of them, or a text file that lists them" },
	{ 0 },
};

static bool run(struct cli *cli, struct error *err)
{
	AUTO(inputs_free) struct inputs inputs = { 0 };
	bool ok = inputs_find(&inputs, &given, err);

	if (ok && inputs.are_many)
		ok = signbatch_run(&signopt, &inputs, cli, err);
	else if (ok)
		ok = signjob_run(&signopt, inputs.paths[0], cli, err);
	signopt_free(&signopt);
	opt_list_free(&given);
	return ok;
}

const struct command cmd_resign = {
	.name = "resign",
	.summary = "seal apps anew for another team, id or version",
	.description =
		"Does what sign does, and changes the app on the way: bundle ids, versions,\n"
		"its name, what is embedded.  Property lists keep their form.  What the\n"
		"changes would break is refused before the work, and the result is judged\n"
		"before it is called done.\n"
		"\n"
		"-b gives the app a new bundle id.  The ids of its extensions, watch app and\n"
		"app clips follow where they begin with the old one, and so does what refers\n"
		"to them: the companion of a watch app, the app of a watch extension, the\n"
		"parent of an app clip, keychain groups.  Libraries keep their ids, by which\n"
		"code finds them.  Profiles are chosen for the new ids.\n"
		"\n"
		"Entitlements are the app's own as far as its profile allows them (--merge):\n"
		"what is dropped is said.  --plan shows all of it and writes nothing.\n"
		"\n"
		"Several inputs, a folder of them or a list (one path a line, # for comments)\n"
		"are signed at the same time into the folder OUT, under their own names.  One\n"
		"that fails does not stop the others; the exit status is that of the failures\n"
		"if they agree, else 3.  A profile, a --map or a --remove-plugins then need not\n"
		"fit each of them.",
	.examples =
		"  sealring resign Shop.ipa -o Out.ipa --p12 dist.p12 -P @env:PW -m "
		"Any.mobileprovision\n"
		"  sealring resign Shop.ipa -o Out.ipa --p12 dist.p12 -m A.mobileprovision -b "
		"com.acme.beta --display-name 'Shop Beta' --set-build 813\n"
		"  sealring resign Shop.ipa --p12 dist.p12 -m Any.mobileprovision "
		"--remove-plugins 'Watch/*' --plan --json\n"
		"  sealring resign builds/ -o signed/ --p12 dist.p12 -m Any.mobileprovision",
	.options = signopt_table,
	.operands = operands,
	.run = run,
};
