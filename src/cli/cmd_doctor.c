/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor - what is wrong with the signing of what lies here?
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/commands.h"
#include "cli/doctor_fix.h"
#include "cli/doctor_print.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/trustopt.h"
#include "doctor/map.h"
#include "util/mem.h"
#include "util/sniff.h"
#include "verify/devices.h"

#define LOG_PIECE        ((size_t)64 << 10)
#define REPORT_MAX_BYTES ((size_t)64 << 20)

static struct {
	struct opt_list paths;
	const char *device, *type, *only, *roots, *password, *at;
	bool all, fix, sarif, junit;
	struct output svg;
} args;

static const char *const type_words[] = { "development", "adhoc", "appstore",
	                                  "enterprise", NULL };

static const struct operand operands[] = {
	{ .name = "PATH",
	  .list = &args.paths,
	  .hint = OPT_FILE,
	  .is_optional = true,
	  .help = "folders, files, and build logs (any text, - for standard input); "
	          "default: this folder" },
	{ 0 },
};

static const struct opt options[] = {
	{ .name = "device",
	  .text = &args.device,
	  .value = "UDID[=MODEL@OS]",
	  .help = "the device that apps are to run on" },
	{ .name = "type",
	  .text = &args.type,
	  .value = "TYPE",
	  .choices = type_words,
	  .help = "what is to be made; default: as export options and profiles say" },
	{ .name = "only",
	  .text = &args.only,
	  .value = "FAMILIES",
	  .help = "some of CERT,KEY,ST,PROF,AUTO,EXP,SIGN,ITMS,DEV" },
	{ .name = "at",
	  .text = &args.at,
	  .value = "DATE",
	  .help = "as of this date (2027-03-02, UTC); default: now" },
	PASSWORD_OPTION(args.password,
	                "of .p12 files and keys: @env:NAME, @file:PATH or "
	                "@fd:N"),
	ROOTS_OPTION(args.roots),
	{ .name = "all",
	  .flag = &args.all,
	  .help = "also what is only possible, what was ruled out, all evidence" },
	{ .name = "fix",
	  .flag = &args.fix,
	  .help = "the commands that mend it, as a plan; --yes runs them" },
	{ .name = "svg",
	  .text = &args.svg.path,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "draw what belongs together, and what of it is broken" },
	FORCE_OPTION(args.svg),
	{ .name = "sarif", .flag = &args.sarif, .help = "print SARIF 2.1.0" },
	{ .name = "junit", .flag = &args.junit, .help = "print JUnit's XML" },
	{ 0 },
};

/* ---- what is looked at ---- */

/* Text that is no file of signing is a log. */
static bool is_log(const char *path)
{
	unsigned char start[512];
	struct stat st;

	if (strcmp(path, "-") == 0)
		return true;
	if (artifact_kind_of_name(path) != ARTIFACT_UNKNOWN || stat(path, &st) != 0 ||
	    !S_ISREG(st.st_mode))
		return false;
	FILE *f = fopen(path, "rbe");
	if (f == NULL)
		return false;
	size_t n = fread(start, 1, sizeof start, f);
	(void)fclose(f);
	return n == 0 || strcmp(sniff(slice_of(start, n)), "text") == 0;
}

static bool read_log(struct doctor *d, const char *path, struct error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "rbe");
	AUTO(drop_str) char *piece = mem_zero(LOG_PIECE, 1);
	size_t n = 0;

	if (f == NULL)
		return error_set_errno(err, "could not open \"%s\"", path);
	while ((n = fread(piece, 1, LOG_PIECE, f)) > 0)
		doctor_log_feed(d, slice_of(piece, n));
	bool ok = ferror(f) == 0;
	int why = errno;
	if (!is_stdin)
		(void)fclose(f);
	doctor_log_end(d);
	errno = why;
	return ok || error_set_errno(err, "could not read \"%s\"", path);
}

/* A log alone is read beside what lies here. */
static bool look(struct doctor *d, struct error *err)
{
	bool has_path = false;
	size_t logs = 0;

	for (size_t i = 0; i < args.paths.count; i++) {
		const char *path = args.paths.items[i];

		if (is_log(path)) {
			if (logs++ > 0)
				return error_set(err, ERROR_USAGE,
				                 "one log at a time: \"%s\" is another",
				                 path);
			if (!read_log(d, path, err))
				return false;
			continue;
		}
		has_path = true;
		if (!doctor_look(d, path, err))
			return error_context(err, "looking at \"%s\"", path);
	}
	return has_path || doctor_look(d, ".", err);
}

/* ---- asking ---- */

struct question {
	struct doctor_request request;
	struct trust trust;
	struct secret password;
	char *device;
};

static void question_free(struct question *q)
{
	trust_free(&q->trust);
	secret_free(&q->password);
	free(q->device);
}

static int wanted_goal(void)
{
	static const enum profile_kind kinds[] = { PROFILE_DEVELOPMENT, PROFILE_ADHOC,
		                                   PROFILE_APPSTORE,
		                                   PROFILE_ENTERPRISE };

	for (size_t i = 0; args.type != NULL && type_words[i] != NULL; i++)
		if (strcmp(args.type, type_words[i]) == 0)
			return (int)kinds[i];
	return -1;
}

/* q->request points into *q, which must not move. */
static bool read_question(struct question *q, const struct cli *cli, struct error *err)
{
	struct doctor_request *r = &q->request;

	*r = (struct doctor_request){ .trust = &q->trust,
		                      .now_s = clock_now(cli->clock),
		                      .goal = wanted_goal() };
	if (args.sarif + args.junit + cli->json > 1)
		return error_set(err, ERROR_USAGE,
		                 "one form at a time: --json, --sarif or --junit");
	if (args.at != NULL && !clock_parse(&r->now_s, args.at, err))
		return false;
	if (args.device != NULL &&
	    !verify_device_parse(&r->device, &q->device, args.device, err))
		return false;
	if (args.password != NULL) {
		if (!password_read(&q->password, args.password, "password", false, err))
			return false;
		r->password = &q->password;
	}
	return trustopt_load(&q->trust, args.roots, err);
}

static bool draw(const struct diagnoses *all, struct doctor *d, const struct cli *cli,
                 struct error *err)
{
	AUTO(picture_free) struct picture map = { 0 };

	if (args.svg.path == NULL)
		return true;
	if (!doctor_map(&map, d, all, err) ||
	    !output_write(cli, &args.svg, buf_slice(&map.svg), 0644, err))
		return error_context(err, "drawing it");
	if (strcmp(args.svg.path, "-") != 0)
		output_say(cli, "drawing  %s", args.svg.path);
	return true;
}

static bool answer(const struct diagnoses *all, struct doctor *d, const struct cli *cli,
                   struct error *err)
{
	if (!draw(all, d, cli, err))
		return false;
	if (args.svg.path != NULL && strcmp(args.svg.path, "-") == 0)
		return true;
	const struct doctor_about about = { .all = args.all };

	if (args.fix)
		return doctor_fix(cli, all, err);
	if (cli->json)
		return output_json(doctor_json(all, d), err);
	if (args.sarif) {
		AUTO(drop_json) json_t *sarif = doctor_sarif(all, d);

		return jsonio_print(stdout, sarif, err);
	}
	if (args.junit) {
		AUTO(buf_free) struct buf xml = BUF_INIT(REPORT_MAX_BYTES);

		if (!doctor_junit(&xml, all, d, err))
			return false;
		(void)fwrite(xml.p, 1, xml.n, stdout);
		return true;
	}
	doctor_print(all, d, &about);
	return true;
}

/* Before anything is read; standard output has room for one form. */
static bool check_drawing(const struct cli *cli, struct error *err)
{
	if (args.svg.path == NULL)
		return true;
	if (strcmp(args.svg.path, "-") == 0 &&
	    (args.sarif || args.junit || args.fix || cli->json))
		return error_set(err, ERROR_USAGE,
		                 "the drawing and another form would both go to "
		                 "standard output");
	return output_check(cli, &args.svg, err);
}

static bool run(struct cli *cli, struct error *err)
{
	AUTO(question_free) struct question q = { 0 };
	AUTO(drop_doctor) struct doctor *d = NULL;
	AUTO(diagnoses_free) struct diagnoses all = { 0 };
	bool ok = check_drawing(cli, err) && read_question(&q, cli, err);

	if (ok) {
		d = doctor_new(&q.request);
		ok = look(d, err);
	}
	opt_list_free(&args.paths);
	if (!ok)
		return false;
	doctor_diagnose(&all, d, args.only);
	cli->answer_is_no = doctor_found_any(&all) && !args.fix;
	return answer(&all, d, cli, err);
}

const struct command cmd_doctor = {
	.name = "doctor",
	.summary =
		"what is wrong with signing here, why, and the command that mends it",
	.description =
		"Looks at what lies in a folder (projects, profiles, certificates, keys, apps,\n"
		"export options) and tests how it fits together.  With a build log it finds\n"
		"every known message in it, leaves out what only follows from others, tests\n"
		"each cause against the files, and says which one it is.\n"
		"\n"
		"Nothing is changed and nobody outside is asked.  --fix shows the commands that\n"
		"mend what was found; only with --yes they are run.\n"
		"\n"
		"Exit status 0: nothing stops signing; 1: something does; 3: could not look.",
	.examples =
		"  sealring doctor\n"
		"  xcodebuild ... 2>&1 | sealring doctor - .\n"
		"  sealring doctor build.log Shop.xcodeproj profiles --all\n"
		"  sealring doctor --type appstore Shop.ipa --sarif > doctor.sarif\n"
		"  sealring doctor --svg signing.svg\n"
		"  sealring doctor --fix",
	.options = options,
	.operands = operands,
	.run = run,
};
