/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/data_impl.h"

static const struct explain_entry entries[] = {
	{
		.id = "EXP-01",
		.title = "the export finds no distribution identity",
		.messages = TEXTS("No signing certificate \"{type}\" found",
	                          "No \"{type}\" signing certificate matching team ID "
	                          "\"{team}\" with a private key was found"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "Only a development identity is there.",
	                           "\"security find-identity\" lists no distribution "
	                           "one." },
	                         { "The identity is another team's.",
	                           "Its OU is not the teamID of the export options." },
	                         { "The method is left out, and App Store is the "
	                           "default.",
	                           "exportOptions.plist has no \"method\"." }),
		.facts = "EKS",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Import the .p12 of the team's distribution "
		       "certificate, or export with the method that fits.",
		.command = "sealring p12 test dist.p12 -P @env:PW",
		.sources = TEXTS("gh:fastlane/fastlane#15968",
	                         "gh:ProgressNS/sidekick-feedback#457"),
	},
	{
		.id = "EXP-02",
		.title = "the export options name no profile for a bundle id",
		.messages = TEXTS(
			"Add a profile to the \"provisioningProfiles\" dictionary "
			"in your Export Options property list",
			"\"{bundle}\" requires a provisioning profile."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "A bundle id of the archive is not in "
	                           "provisioningProfiles.",
	                           "Compare with the ids of all nested bundles." }),
		.facts = "EA",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Name a profile for each app and extension of the "
		       "archive.",
		.command = "sealring inspect App.xcarchive",
		.sources = TEXTS("gh:AgoniNemo/Auto-IPA#1"),
	},
	{
		.id = "EXP-03",
		.title = "the export finds no profile for an extension",
		.messages =
			TEXTS("exportArchive: No profiles for '{bundle}' were found"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The extension was forgotten in "
	                           "provisioningProfiles.",
	                           "The id is that of a nested bundle." }),
		.facts = "AEP",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Have a profile for each nested id, and name it in "
		       "the export options.",
		.command = "sealring inspect App.xcarchive",
		.sources = TEXTS("gh:j3k0/cordova-plugin-openwith#77",
	                         "gh:fastlane/fastlane#9458"),
	},
	{
		.id = "EXP-04",
		.title = "Apple's cloud signing does not let you",
		.messages = TEXTS("Cloud signing permission error",
	                          "You haven't been given access to cloud-managed "
	                          "distribution certificates"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The API key is App Manager; cloud certificates "
	                           "need Admin.",
	                           "The key's page names the role." },
	                         { "There is no distribution certificate at all.",
	                           "The portal's list has none." },
	                         { "A .p12 is imported for manual signing, but the "
	                           "export signs automatically.",
	                           "signingStyle in the export options." }),
		.facts = "EDK",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Export manually: signingStyle manual, and a "
		       "profile for each bundle id.",
		.command = "sealring inspect App.xcarchive",
		.sources = TEXTS("gh:kiwix/kiwix-apple#1055",
	                         "gh:opendocument-app/OpenDocument.ios#131",
	                         "gh:pathorsAI/parley#260", "gh:MattFaz/actuali#109"),
	},
	{
		.id = "EXP-05",
		.title = "only a warning: the method has a new name",
		.messages = TEXTS(
			"Command line name \"{old}\" is deprecated. Use \"{new}\" "
			"instead"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "Xcode 15.4 renamed the methods.",
	                           "The export goes on behind it." }),
		.facts = "LE",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Write app-store-connect for app-store, "
		       "release-testing for ad-hoc, debugging for development. "
		       "What failed stands elsewhere.",
		.command = "sealring doctor build.log",
		.noise = "It is a warning: the failure is another line.",
		.sources =
			TEXTS("gh:flutter/flutter#149369", "gh:fastlane/fastlane#22028",
	                      "gh:fastlane/fastlane#22163"),
	},
	{
		.id = "EXP-06",
		.title = "Xcode hides the real failure of the export",
		.messages = TEXTS("IDEDistributionErrorDomain Code=14",
	                          "No applicable devices found."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "Anything: wrong method, an old Apple "
	                           "intermediate, the ruby environment, bitcode, "
	                           "entitlements.",
	                           "Read IDEDistribution.standard.log in the folder "
	                           "*.xcdistributionlogs that the log names." }),
		.facts = "L",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Open that log; the failure is in it.",
		.command = "sealring explain - < "
			   "IDEDistribution.standard.log",
		.sources = TEXTS("fldocs:codesigning/common-issues"),
	},
	{
		.id = "EXP-07",
		.title = "a wrapper around what went wrong in the export",
		.messages = TEXTS("Locating signing assets failed"),
		.names = TEXTS("IDEDistributionSigningAssetStepErrorDomain"),
		.causes = CAUSES({ "The reasons stand in the list behind "
	                           "UnderlyingErrors.",
	                           "Each is a failure of its own." }),
		.facts = "L",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Explain the underlying errors.",
		.command = "sealring explain - < build.log",
		.noise = "It is a container: what counts is behind "
			 "UnderlyingErrors.",
		.sources = TEXTS("gh:fastlane/fastlane#9458"),
	},
	{
		.id = "EXP-08",
		.title = "the export options give a framework a profile",
		.messages = TEXTS(
			"exportArchive: {framework} does not support provisioning "
			"profiles"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "provisioningProfiles names frameworks, or the "
	                           "project gives them one (AUTO-03).",
	                           "The name ends in .framework." }),
		.facts = "E",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Name apps and extensions only.",
		.command = "sealring inspect App.xcarchive",
		.sources = TEXTS("gh:CocoaPods/CocoaPods#6964"),
	},
	{
		.id = "EXP-09",
		.title = "profile and identity of the package do not belong "
			 "together",
		.messages = TEXTS("mismatch between specified provisioning profile and "
	                          "signing identity"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The profile does not list the certificate that "
	                           "signed.",
	                           "Compare the serial numbers (PROF-05)." }),
		.facts = "PC",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Make the profile anew with this certificate, or "
		       "sign with one that it lists.",
		.command = "sealring inspect app.mobileprovision dist.p12 "
			   "-P @env:PW",
		.sources = TEXTS("fl:gym/lib/gym/error_handler.rb"),
	},
	{
		.id = "EXP-10",
		.title = "the archive has no app at its top",
		.messages = TEXTS("The generated archive is invalid"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "A library is installed too (SKIP_INSTALL is not "
	                           "YES), so that the archive has more than one "
	                           "product.",
	                           "The archive's Info.plist has no "
	                           "ApplicationProperties." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Set SKIP_INSTALL=YES for every library.",
		.command = "sealring inspect App.xcarchive",
		.sources = TEXTS("fl:gym/lib/gym/error_handler.rb"),
	},
};

const struct explain_family explain_export = {
	.name = "EXP",
	.title = "Archive and export",
	.entries = entries,
	.count = ARRAY_LEN(entries),
};
