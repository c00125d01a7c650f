/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/data_impl.h"

static const struct explain_entry entries[] = {
	{
		.id = "AUTO-01",
		.title = "signed automatically, but an identity is set by "
			 "hand",
		.messages = TEXTS(
			"{target} has conflicting provisioning settings",
			"{target} is automatically signed for {purpose}, but a "
			"conflicting code signing identity {identity} has been "
			"manually specified|. Set the code signing identity value "
			"to \"{new}\" in the build settings editor, or switch to "
			"manual signing in the Signing & Capabilities editor."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "CODE_SIGN_STYLE is Automatic and "
	                           "CODE_SIGN_IDENTITY is set somewhere too.",
	                           "Look in project, target, .xcconfig and command "
	                           "line, and for [sdk=iphoneos*]." },
	                         { "In CI: no profile fitted this target, so it was "
	                           "left automatic.",
	                           "Other targets of the same log are manual." }),
		.facts = "X",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Make it one: Manual with a profile, or Automatic "
		       "with \"Apple Development\".",
		.command = "sealring project show",
		.sources = TEXTS("gh:codemagic-ci-cd/cli-tools#203",
	                         "gh:apache/cordova-ios#836"),
	},
	{
		.id = "AUTO-02",
		.title = "signed automatically, but a profile is set by hand",
		.messages = TEXTS("{target} is automatically signed, but provisioning "
	                          "profile {profile} has been manually specified"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "CODE_SIGN_STYLE is Automatic and a profile is "
	                           "named too.",
	                           "Look for PROVISIONING_PROFILE and "
	                           "PROVISIONING_PROFILE_SPECIFIER." }),
		.facts = "X",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Clear the profile, or sign manually.",
		.command = "sealring project show",
		.sources = TEXTS("gh:fastlane/fastlane#21870",
	                         "gh:lionheart/openradar-mirror#15594"),
	},
	{
		.id = "AUTO-03",
		.title = "a profile was given to a library",
		.messages = TEXTS("{target} does not support provisioning profiles"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The profile was given on xcodebuild's command "
	                           "line, which reaches Pods and Swift packages too.",
	                           "The log has \"Build settings from command line\" "
	                           "with PROVISIONING_PROFILE." }),
		.facts = "LX",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Write the profile into the app's and the "
		       "extensions' targets only.",
		.command = "sealring project show",
		.sources = TEXTS("gh:moezakura/mux-pod#67", "gh:stripe/stripe-ios#2088",
	                         "gh:CocoaPods/CocoaPods#6964"),
	},
	{
		.id = "AUTO-04",
		.title = "a target has no team",
		.messages =
			TEXTS("Signing for \"{target}\" requires a development team|. "
	                      "Select a development team in the Signing & Capabilities "
	                      "editor."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "Xcode 14 and later sign resource bundles too.",
	                           "The target's product type ends in \"bundle\"." },
	                         { "DEVELOPMENT_TEAM is empty.",
	                           "It is the app's or an extension's target." }),
		.facts = "X",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "For bundles set CODE_SIGNING_ALLOWED=NO; for apps "
		       "set the team.",
		.command = "sealring project show",
		.sources = TEXTS("gh:flutter/flutter#111475",
	                         "gh:CocoaPods/CocoaPods#8891", "CM"),
	},
	{
		.id = "AUTO-05",
		.title = "the bundle id cannot be registered",
		.messages = TEXTS(
			"Failed to register bundle identifier: The app identifier "
			"\"{bundle}\" cannot be registered to your development "
			"team because it is not available|. Change your bundle "
			"identifier to a unique string to try again."),
		.names = NO_TEXTS,
		.causes =
			CAUSES({ "Another team has it.", "Your team's list lacks it." },
	                       { "It is yours already, and the tool tries to "
	                         "register it again.",
	                         "Your team's list has it." },
	                       { "The wrong team is chosen.",
	                         "Another of your teams has it." }),
		.facts = "DX",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Look into your own teams' lists first. Only then "
		       "take another bundle id.",
		.command = "sealring app list --portal DIR",
		.sources = TEXTS("gh:flutter/flutter#76609", "gh:expo/eas-cli#1731"),
	},
	{
		.id = "AUTO-06",
		.title = "no certificate of this team and name",
		.messages = TEXTS(
			"No certificate for team '{team}' matching '{certificate}' "
			"found|: Select a different signing certificate for "
			"CODE_SIGN_IDENTITY, a team that matches your selected "
			"certificate, or switch to automatic provisioning."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The keychain with the identity is not on the "
	                           "search list.",
	                           "\"security list-keychains\" lacks it." },
	                         { "The certificate is another team's.",
	                           "Its OU is not the team." }),
		.facts = "CXH",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Add the keychain to the search list, or choose "
		       "certificate and team that belong together.",
		.command = "sealring inspect CERT.cer",
		.sources = TEXTS("gh:fastlane/fastlane#15824",
	                         "gh:yukiarrr/ios-build-action#74"),
	},
	{
		.id = "AUTO-07",
		.title = "the certificate is revoked or expired",
		.messages =
			TEXTS("Signing certificate is invalid. Signing certificate "
	                      "\"{certificate}\", serial number \"{serial}\", is not "
	                      "valid for code signing|. It may have been revoked or "
	                      "expired."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "It is revoked at Apple, though \"find-identity "
	                           "-v\" calls it valid.",
	                           "Ask with the serial number." },
	                         { "It has expired.",
	                           "sealring inspect shows the date." },
	                         { "An old Apple intermediate in the System keychain "
	                           "is in the way.",
	                           "Keychain Access has two of that name." }),
		.facts = "CDH",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Find out by the serial number which of the two it "
		       "is. Have a new certificate made, then the profiles.",
		.command = "sealring inspect CERT.cer",
		.sources = TEXTS("gh:fastlane/fastlane#11855",
	                         "gh:MoKhajavi75/iOS_Development_Certificates#42",
	                         "fs:58530700618"),
	},
	{
		.id = "AUTO-08",
		.title = "a line that follows the real failure",
		.messages = TEXTS(
			"Code signing is required for product type '{product}' in "
			"SDK '{sdk}'"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The target could not be signed; why stands in the "
	                           "lines before.",
	                           "The first error above it." }),
		.facts = "L",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Read the error above it.",
		.command = "sealring doctor build.log",
		.noise = "It follows another failure and never stands "
			 "alone.",
		.sources = TEXTS(
			"gh:andrehtissot/cordova-plugin-fcm-with-dependecy-updated#175",
			"fldocs:codesigning/common-issues"),
	},
	{
		.id = "AUTO-09",
		.title = "a free account may register ten App IDs a week",
		.messages =
			TEXTS("Your maximum App ID limit has been reached|. You may "
	                      "create up to 10 App IDs every 7 days."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "It is a free account; every extension and every "
	                           "renamed app uses one up, for seven days.",
	                           "Count the bundle ids of the app." }),
		.facts = "D",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Use ids again, leave extensions out, or wait "
		       "seven days.",
		.command = "sealring resign IN.ipa --remove-plugins '*' "
			   "--plan",
		.sources = TEXTS("gh:claration/Impactor#144",
	                         "gh:Provenance-Emu/Provenance#362"),
	},
	{
		.id = "AUTO-10",
		.title = "an extension is signed by another certificate "
			 "than the app",
		.messages =
			TEXTS("Embedded binary is not signed with the same certificate "
	                      "as the parent app|. Verify the embedded binary target's "
	                      "code sign settings match the parent app's."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The extension's or watch app's target has another "
	                           "identity.",
	                           "Compare the signers that inspect prints of each "
	                           "bundle." },
	                         { "CODE_SIGNING_ALLOWED is NO there.",
	                           "It is not signed at all." }),
		.facts = "XA",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Give all targets of the app the same team and "
		       "identity.",
		.command = "sealring inspect App.app",
		.sources = TEXTS("gh:tuist/tuist#1711", "gh:realm/jazzy#1067"),
	},
	{
		.id = "AUTO-11",
		.title = "an extension's id does not begin with the app's",
		.messages = TEXTS(
			"Embedded binary's bundle identifier is not prefixed with "
			"the parent app's bundle identifier"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The app was renamed, its extensions were not.",
	                           "The extension's id does not begin with the app's "
	                           "and a dot." }),
		.facts = "XA",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Rename them together.",
		.command = "sealring resign IN.ipa -o OUT.ipa -b NEW.ID "
			   "--p12 dist.p12 -m app.mobileprovision",
		.sources = TEXTS("gh:newmaterialco/chowder-iOS#10"),
	},
};

const struct explain_family explain_auto = {
	.name = "AUTO",
	.title = "Teams and automatic signing",
	.entries = entries,
	.count = ARRAY_LEN(entries),
};
