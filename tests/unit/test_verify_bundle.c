/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge on what bundles say of themselves (spec codesign.md 9.1 steps 1 to 3, 9.3).
 * Numbers are cases of section 11.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "support/forge.h"
#include "support/harness.h"
#include "util/mem.h"

#define KIT   "Frameworks/Kit.framework"
#define SHARE "PlugIns/Share.appex"
#define WATCH "Watch/W.app"
#define CLIP  "AppClips/Clip.app"

/* ---- symlinks ---- */

static void link_out(struct forge *f)
{
	forge_link(f, "latest.bin", "../../etc");
}

static void link_absolute(struct forge *f)
{
	forge_link(f, "latest.bin", "/etc/hosts");
}

static void link_out_of_extension(struct forge *f)
{
	forge_link(f, SHARE "/data.bin", "../../../x");
}

static void link_out_and_back(struct forge *f)
{
	forge_link(f, "latest.bin", "../App.app/data.bin");
}

/* Fine: from an extension into the app, through folders, to nothing at all. */
static void links_inside(struct forge *f)
{
	forge_link(f, SHARE "/data.bin", "../../data.bin");
	forge_link(f, "a.bin", "./de.lproj/.././data.bin");
	forge_link(f, "b.bin", "PlugIns//Share.appex/../../data.bin");
	forge_link(f, "c.bin", "no/such/file");
	forge_link(f, "d.bin", "a.bin");
}

/* Each looks fine by itself: "up" is the app's folder, not one inside PlugIns. */
static void links_in_a_row(struct forge *f)
{
	forge_link(f, SHARE "/up", "../..");
	forge_link(f, "latest.bin", "PlugIns/Share.appex/up/../etc");
}

static void links_in_a_circle(struct forge *f)
{
	forge_link(f, "a.bin", "b.bin");
	forge_link(f, "b.bin", "a.bin");
}

TEST(symlinks_stay_in_the_app)
{
	/* 9 */
	check_case(&(struct forge_case){ .reason = "bundle.symlink-escapes",
	                                 .text = "latest.bin -> ../../etc",
	                                 .before = link_out });
	check_case(&(struct forge_case){ .reason = "bundle.symlink-escapes",
	                                 .before = link_absolute });
	check_case(&(struct forge_case){ .reason = "bundle.symlink-escapes",
	                                 .before = link_out_and_back });
	check_case(&(struct forge_case){ .reason = "bundle.symlink-escapes",
	                                 .bundle = SHARE,
	                                 .before = link_out_of_extension });
	check_case(&(struct forge_case){ .before = links_inside });
	check_case(&(struct forge_case){ .reason = "bundle.symlink-escapes",
	                                 .text = "up/../etc",
	                                 .before = links_in_a_row });
	check_case(&(struct forge_case){ .reason = "bundle.symlink-escapes",
	                                 .before = links_in_a_circle });
}

/* ---- Info.plist and executable ---- */

static void no_info(struct forge *f)
{
	forge_remove(f, KIT "/Info.plist");
}

static void info_in_lower_case(struct forge *f)
{
	no_info(f);
	forge_put(f, KIT "/info.plist", "<plist><dict/></plist>");
}

static void broken_info(struct forge *f)
{
	forge_put(f, KIT "/Info.plist", "<plist><dict>");
}

static void info_is_a_list(struct forge *f)
{
	forge_put(f, KIT "/Info.plist", "<plist><array/></plist>");
}

static void no_executable(struct forge *f)
{
	forge_remove(f, SHARE "/Share");
}

static void executable_elsewhere(struct forge *f)
{
	forge_info(f, SHARE "/Info.plist", "CFBundleExecutable",
	           pl_new_string("../../App"));
}

static void static_library(struct forge *f)
{
	forge_put(f, KIT "/Kit", "!<arch>\nwhatever comes behind it");
}

static void a_script(struct forge *f)
{
	forge_put(f, SHARE "/Share", "#!/bin/sh\nexec true, and so on, and on\n");
}

static void empty_framework(struct forge *f)
{
	AUTO(drop_str) char *path = mem_format("%s/Frameworks/None.framework", f->app);

	CHECK(mkdir(path, 0755) == 0);
}

TEST(every_bundle_has_an_info_plist)
{
	check_case(&(struct forge_case){
		.reason = "bundle.info-missing", .bundle = KIT, .before = no_info });
	check_case(&(struct forge_case){ .reason = "bundle.info-case",
	                                 .bundle = KIT,
	                                 .before = info_in_lower_case });
	check_case(&(struct forge_case){ .reason = "bundle.info-malformed",
	                                 .bundle = KIT,
	                                 .before = broken_info });
	check_case(&(struct forge_case){ .reason = "bundle.info-malformed",
	                                 .text = "an array",
	                                 .bundle = KIT,
	                                 .before = info_is_a_list });
}

TEST(every_bundle_has_an_executable)
{
	check_case(&(struct forge_case){ .reason = "bundle.no-executable",
	                                 .text = "\"Share\" is missing",
	                                 .bundle = SHARE,
	                                 .before = no_executable });
	check_case(&(struct forge_case){ .reason = "bundle.no-executable",
	                                 .bundle = SHARE,
	                                 .before = executable_elsewhere });
	check_case(&(struct forge_case){ .reason = "bundle.executable-not-macho",
	                                 .text = "static library",
	                                 .bundle = KIT,
	                                 .before = static_library });
	check_case(&(struct forge_case){ .reason = "bundle.executable-not-macho",
	                                 .bundle = SHARE,
	                                 .before = a_script });
	check_case(&(struct forge_case){ .noted = "bundle.empty",
	                                 .bundle = "Frameworks/None.framework",
	                                 .before = empty_framework });
}

static void no_id(struct forge *f)
{
	forge_info(f, KIT "/Info.plist", "CFBundleIdentifier", NULL);
}

static void empty_id(struct forge *f)
{
	forge_info(f, KIT "/Info.plist", "CFBundleIdentifier", pl_new_string(""));
}

static void no_version(struct forge *f)
{
	forge_info(f, "Info.plist", "CFBundleVersion", NULL);
}

static void names_no_executable(struct forge *f)
{
	forge_info(f, "Info.plist", "CFBundleExecutable", NULL);
}

static void kit_names_no_executable(struct forge *f)
{
	forge_info(f, KIT "/Info.plist", "CFBundleExecutable", NULL);
}

TEST(info_plist_says_what_it_must)
{
	check_case(&(struct forge_case){
		.reason = "bundle.id-missing", .bundle = KIT, .before = no_id });
	check_case(&(struct forge_case){
		.reason = "bundle.id-missing", .bundle = KIT, .before = empty_id });
	check_case(&(struct forge_case){ .reason = "bundle.version-missing",
	                                 .before = no_version });
	/* programs name theirs; in a framework it is the folder's name */
	check_case(&(struct forge_case){ .reason = "bundle.no-executable",
	                                 .text = "CFBundleExecutable",
	                                 .before = names_no_executable });
	check_case(&(struct forge_case){ .before = kit_names_no_executable });
}

/* ---- the device ---- */

static void minimum(struct forge *f, const char *os)
{
	forge_info(f, "Info.plist", "MinimumOSVersion", pl_new_string(os));
}

static void from_18(struct forge *f)
{
	minimum(f, "18.0");
}

static void from_17(struct forge *f)
{
	minimum(f, "17.0");
}

static void from_17_0_1(struct forge *f)
{
	minimum(f, "17.0.1");
}

static void on_any(struct forge *f)
{
	f->request.device.os_version = 0;
}

/* The watch is another device: its system is not the phone's. */
static void watch_from_18(struct forge *f)
{
	forge_info(f, WATCH "/Info.plist", "MinimumOSVersion", pl_new_string("18.0"));
	forge_info(f, WATCH "/PlugIns/WX.appex/Info.plist", "MinimumOSVersion",
	           pl_new_string("18.0"));
}

static void share_from_18(struct forge *f)
{
	forge_info(f, SHARE "/Info.plist", "MinimumOSVersion", pl_new_string("18.0"));
}

TEST(the_system_is_new_enough)
{
	/* 39 */
	check_case(&(struct forge_case){ .reason = "bundle.os-too-old",
	                                 .text = "18.0 or later",
	                                 .before = from_18 });
	check_case(&(struct forge_case){ .before = from_17 });
	check_case(&(struct forge_case){ .reason = "bundle.os-too-old",
	                                 .before = from_17_0_1 });
	check_case(&(struct forge_case){ .before = from_18, .ask = on_any });
	check_case(&(struct forge_case){ .before = watch_from_18 });
	check_case(&(struct forge_case){ .reason = "bundle.os-too-old",
	                                 .bundle = SHARE,
	                                 .before = share_from_18 });
}

static void families(struct forge *f, int64_t a, int64_t b)
{
	struct pl *list = pl_new_array();

	pl_append(list, pl_new_int(a));
	if (b != 0)
		pl_append(list, pl_new_int(b));
	forge_info(f, "Info.plist", "UIDeviceFamily", list);
}

static void for_pads(struct forge *f)
{
	families(f, 2, 0);
}

static void for_both(struct forge *f)
{
	families(f, 2, 1);
}

static void on_a_pad(struct forge *f)
{
	f->request.device.model = "iPad13,1";
}

static void on_a_tv(struct forge *f)
{
	f->request.device.model = "AppleTV11,1";
}

static void on_something_new(struct forge *f)
{
	f->request.device.model = "Thing1,1";
}

TEST(the_app_is_for_this_kind_of_device)
{
	/* 39 */
	check_case(&(struct forge_case){ .reason = "bundle.device-family",
	                                 .text = "1 other family",
	                                 .before = for_pads });
	check_case(&(struct forge_case){ .before = for_both });
	check_case(&(struct forge_case){ .before = for_pads, .ask = on_a_pad });
	/* what is for phones runs on tablets, but not on everything */
	check_case(&(struct forge_case){ .ask = on_a_pad });
	check_case(&(struct forge_case){ .reason = "bundle.device-family",
	                                 .ask = on_a_tv });
	check_case(&(struct forge_case){ .before = for_pads, .ask = on_something_new });
}

/* ---- extensions ---- */

static void id_of(struct forge *f, const char *bundle, const char *id)
{
	AUTO(drop_str) char *name = mem_format("%s/Info.plist", bundle);

	forge_info(f, name, "CFBundleIdentifier", pl_new_string(id));
}

static void share_elsewhere(struct forge *f)
{
	id_of(f, SHARE, "com.other.share");
}

static void share_without_dot(struct forge *f)
{
	id_of(f, SHARE, GOOD_APP_ID "share");
}

static void share_is_app(struct forge *f)
{
	forge_info(f, SHARE "/Info.plist", "CFBundlePackageType",
	           pl_new_string("APPL"));
}

static void share_of_no_type(struct forge *f)
{
	forge_info(f, SHARE "/Info.plist", "CFBundlePackageType", NULL);
}

static void no_extension(struct forge *f)
{
	forge_info(f, SHARE "/Info.plist", "NSExtension", NULL);
}

static void no_point(struct forge *f)
{
	forge_info(f, SHARE "/Info.plist", "NSExtension", pl_new_dict());
}

static void modern_extension(struct forge *f)
{
	no_extension(f);
	forge_info(f, SHARE "/Info.plist", "EXAppExtensionAttributes", pl_new_dict());
}

TEST(extensions_are_what_they_should_be)
{
	/* 38 */
	check_case(&(struct forge_case){ .reason = "bundle.appex-prefix",
	                                 .text = "com.other.share",
	                                 .bundle = SHARE,
	                                 .before = share_elsewhere });
	check_case(&(struct forge_case){ .reason = "bundle.appex-prefix",
	                                 .bundle = SHARE,
	                                 .before = share_without_dot });
	check_case(&(struct forge_case){ .reason = "bundle.appex-type",
	                                 .bundle = SHARE,
	                                 .before = share_is_app });
	check_case(&(struct forge_case){ .before = share_of_no_type });
	check_case(&(struct forge_case){ .reason = "bundle.appex-extension",
	                                 .bundle = SHARE,
	                                 .before = no_extension });
	check_case(&(struct forge_case){
		.reason = "bundle.appex-point", .bundle = SHARE, .before = no_point });
	check_case(&(struct forge_case){ .before = modern_extension });
}

/* ---- watch and clip ---- */

static void other_companion(struct forge *f)
{
	forge_info(f, WATCH "/Info.plist", "WKCompanionAppBundleIdentifier",
	           pl_new_string("com.ex.other"));
}

static struct pl *watch_extension(const char *app)
{
	struct pl *extension = pl_new_dict();
	struct pl *attributes = pl_new_dict();

	pl_set(attributes, "WKAppBundleIdentifier", pl_new_string(app));
	pl_set(extension, "NSExtensionAttributes", attributes);
	pl_set(extension, "NSExtensionPointIdentifier",
	       pl_new_string("com.apple.watchkit"));
	return extension;
}

static void watch_elsewhere(struct forge *f)
{
	id_of(f, WATCH, "com.other.watch");
	id_of(f, WATCH "/PlugIns/WX.appex", "com.other.watch.ext");
	forge_info(f, WATCH "/PlugIns/WX.appex/Info.plist", "NSExtension",
	           watch_extension("com.other.watch"));
}

static void watch_for_phones(struct forge *f)
{
	struct pl *list = pl_new_array();

	pl_append(list, pl_new_int(1));
	forge_info(f, WATCH "/Info.plist", "UIDeviceFamily", list);
}

static void clip_elsewhere(struct forge *f)
{
	id_of(f, CLIP, "com.other.Clip");
}

static void extension_of_another_watch_app(struct forge *f)
{
	forge_info(f, WATCH "/PlugIns/WX.appex/Info.plist", "NSExtension",
	           watch_extension("com.ex.other"));
}

static void same_id(struct forge *f)
{
	id_of(f, CLIP, GOOD_APP_ID ".share");
}

static void kit_has_the_apps_id(struct forge *f)
{
	id_of(f, KIT, GOOD_APP_ID);
}

TEST(watch_apps_belong_to_the_app)
{
	/* 40 */
	check_case(&(struct forge_case){ .reason = "bundle.watch-companion",
	                                 .text = "com.ex.other",
	                                 .bundle = WATCH,
	                                 .before = other_companion });
	check_case(&(struct forge_case){ .reason = "bundle.watch-prefix",
	                                 .bundle = WATCH,
	                                 .before = watch_elsewhere });
	check_case(&(struct forge_case){ .reason = "bundle.watch-family",
	                                 .bundle = WATCH,
	                                 .before = watch_for_phones });
	check_case(&(struct forge_case){ .reason = "bundle.watch-extension",
	                                 .text = "com.ex.other",
	                                 .bundle = WATCH "/PlugIns/WX.appex",
	                                 .before = extension_of_another_watch_app });
}

TEST(ids_are_of_the_family_and_there_once)
{
	/* 40 */
	check_case(&(struct forge_case){ .reason = "bundle.clip-prefix",
	                                 .bundle = CLIP,
	                                 .before = clip_elsewhere });
	/* of the two the one that is found later */
	check_case(&(struct forge_case){
		.reason = "bundle.duplicate-id", .bundle = SHARE, .before = same_id });
	check_case(&(struct forge_case){ .before = kit_has_the_apps_id });
}
