/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/data_impl.h"

static const struct explain_entry entries[] = {
	{
		.id = "PROF-01",
		.title = "Xcode finds no profile for this bundle id",
		.messages =
			TEXTS("No profiles for '{bundle}' were found|: Xcode couldn't "
	                      "find any {type} provisioning profiles matching "
	                      "'{bundle}'. Automatic signing is disabled and unable to "
	                      "generate a profile. To enable automatic signing, pass "
	                      "-allowProvisioningUpdates to xcodebuild."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The target is still signed automatically in this "
	                           "configuration, while a profile was installed for "
	                           "manual signing.",
	                           "The text goes on with \"Automatic signing is "
	                           "disabled\"." },
	                         { "A profile is there, but of another type: App "
	                           "Development is asked for, App Store was given.",
	                           "Compare the type in the message with that of the "
	                           "profile." },
	                         { "The extension has no profile of its own.",
	                           "The bundle id in the message is that of an "
	                           "extension." }),
		.facts = "XP",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Set Manual and a profile's name for each target "
		       "and configuration, extensions too.",
		.command = "sealring project show",
		.sources = TEXTS("gh:fastlane/fastlane#12309",
	                         "gh:fastlane/fastlane#18182",
	                         "gh:microsoft/azure-pipelines-tasks#20588"),
	},
	{
		.id = "PROF-02",
		.title = "no installed profile has this name",
		.messages = TEXTS(
			"No profile for team '{team}' matching '{profile}' found|: "
			"Xcode couldn't find any provisioning profiles matching "
			"'{path}'. Install the profile (by dragging and dropping "
			"it onto Xcode's dock item) or select a different one in "
			"the Signing & Capabilities tab of the target editor."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The name in the project is that of no installed "
	                           "profile.",
	                           "Compare PROVISIONING_PROFILE_SPECIFIER with the "
	                           "Name of each profile." },
	                         { "The profile is another team's.",
	                           "Its TeamIdentifier is not DEVELOPMENT_TEAM." },
	                         { "It lies in the folder that this Xcode does not "
	                           "read (PROF-04).",
	                           "It is in one of the two folders only." }),
		.facts = "XP",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Use the profile's exact Name, and install it in "
		       "the folder of this Xcode.",
		.command = "sealring inspect --short app.mobileprovision",
		.sources = TEXTS("gh:fastlane/fastlane#18889",
	                         "gh:fastlane/fastlane#17297",
	                         "gh:sparkfabrik/ios-build-action#11"),
	},
	{
		.id = "PROF-03",
		.title = "the project names a profile by a UUID that is gone",
		.messages =
			TEXTS("Your build settings specify a provisioning profile with "
	                      "the UUID \"{uuid}\", however, no such provisioning "
	                      "profile was found"),
		.names = NO_TEXTS,
		.causes =
			CAUSES({ "The profile was made anew and has another UUID.",
	                         "No profile has this UUID; one has the same name." }),
		.facts = "XP",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Name the profile by its name "
		       "(PROVISIONING_PROFILE_SPECIFIER), not by its UUID.",
		.command = "sealring inspect --short app.mobileprovision",
		.sources = TEXTS("fldocs:codesigning/common-issues"),
	},
	{
		.id = "PROF-04",
		.title = "Xcode 16 looks for profiles in another folder",
		.messages = NO_TEXTS,
		.names = TEXTS(
			"profile folder moved",
			"~/Library/MobileDevice/Provisioning Profiles",
			"~/Library/Developer/Xcode/UserData/Provisioning Profiles"),
		.causes = CAUSES({ "Xcode 16 installs profiles in "
	                           "~/Library/Developer/Xcode/UserData/Provisioning "
	                           "Profiles; older tools know only "
	                           "~/Library/MobileDevice/Provisioning Profiles.",
	                           "The profile is in one of the two only." }),
		.facts = "H",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Put the profile into both folders.",
		.command = "sealring doctor build.log",
		.sources = TEXTS("gh:dotnet/macios#20771",
	                         "gh:bazelbuild/rules_apple#2543",
	                         "gh:shaojiankui/ProfilesManager#13"),
	},
	{
		.id = "PROF-05",
		.title = "the profile does not list the certificate",
		.messages = TEXTS("Provisioning profile \"{profile}\" doesn't include "
	                          "signing certificate \"{certificate}\"."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The certificate was renewed, and the profile "
	                           "lists the old one.",
	                           "Same name, other serial number; the profile is "
	                           "older than the certificate." },
	                         { "A development profile meets a distribution "
	                           "identity, or the reverse.",
	                           "The kinds of the two differ." },
	                         { "CODE_SIGN_IDENTITY[sdk=iphoneos*] chooses another "
	                           "identity than was thought.",
	                           "Look for it in project, target and .xcconfig." }),
		.facts = "PCX",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Make the profile anew with this certificate, or "
		       "sign with an identity that it lists.",
		.command = "sealring profile renew NAME --portal DIR -o "
			   "app.mobileprovision",
		.sources =
			TEXTS("gh:fastlane/fastlane#18267",
	                      "gh:fastlane/fastlane#20967",
	                      "gh:codenameone/CodenameOne#5836", "gh:expo/expo#21066"),
	},
	{
		.id = "PROF-06",
		.title = "none of the profile's certificates has its key "
			 "here",
		.messages =
			TEXTS("Provisioning profile \"{profile}\" doesn't include any "
	                      "certificate for which the matching private key is "
	                      "installed in the keychain"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The key is on another machine.",
	                           "Your .p12 has none of the serial numbers that the "
	                           "profile lists." }),
		.facts = "PKS",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Import the .p12 of one of the certificates in the "
		       "profile, or make the profile anew with yours.",
		.command = "sealring inspect app.mobileprovision",
		.sources = TEXTS("gh:fastlane/fastlane#11870"),
	},
	{
		.id = "PROF-07",
		.title = "the profile lacks a capability of the app",
		.messages =
			TEXTS("Provisioning profile \"{profile}\" doesn't support the "
	                      "{capability} capability",
	                      "Provisioning profile \"{profile}\" doesn't include the "
	                      "{entitlement} entitlement"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The capability is on at the App ID, but the "
	                           "profile was made before.",
	                           "The profile is older than the change." },
	                         { "The capability is off at the App ID.",
	                           "Its list of capabilities lacks it." }),
		.facts = "XPD",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Turn the capability on, then make the profile "
		       "anew and install it.",
		.command = "sealring app capabilities BUNDLE_ID --portal "
			   "DIR",
		.sources = TEXTS(
			"gh:andrehtissot/cordova-plugin-fcm-with-dependecy-updated#175",
			"CM"),
	},
	{
		.id = "PROF-08",
		.title = "the profile allows another value of an entitlement",
		.messages =
			TEXTS("Provisioning profile \"{profile}\" doesn't match the "
	                      "entitlements file's value for the {entitlement} "
	                      "entitlement"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "Both have the key, with other values: app id, "
	                           "groups, environment.",
	                           "Compare the two values." }),
		.facts = "XP",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Put the value that the profile allows into the "
		       ".entitlements file, or make the profile anew.",
		.command = "sealring inspect app.mobileprovision --only "
			   "how",
		.sources = TEXTS("gh:appium/WebDriverAgent#344"),
	},
	{
		.id = "PROF-09",
		.title = "the profile is for another bundle id",
		.messages = TEXTS("Provisioning profile \"{profile}\" has app ID "
	                          "\"{appid}\", which does not match the bundle ID "
	                          "\"{bundle}\""),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The app was renamed.",
	                           "Compare PRODUCT_BUNDLE_IDENTIFIER with the "
	                           "profile's App ID." },
	                         { "An extension got the app's profile.",
	                           "The bundle id is longer than the App ID by one "
	                           "part." },
	                         { "The test runner adds \".xctrunner\" to the id.",
	                           "The bundle id ends in it." }),
		.facts = "XP",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Give each target the profile of its own id.",
		.command = "sealring inspect --short app.mobileprovision",
		.sources =
			TEXTS("gh:fastlane/fastlane#10244", "gh:appium/appium#13610"),
	},
	{
		.id = "PROF-10",
		.title = "no profile is chosen for this target",
		.messages = TEXTS(
			"\"{target}\" requires a provisioning profile with the "
			"{capability} feature|. Select a provisioning profile for "
			"the \"{configuration}\" build configuration in the "
			"project editor.",
			"\"{target}\" requires a provisioning profile. Select a "
			"provisioning profile"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The target has no profile in this configuration.",
	                           "PROVISIONING_PROFILE_SPECIFIER is empty there." }),
		.facts = "X",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Choose a profile for exactly this target and "
		       "configuration.",
		.command = "sealring project show",
		.sources = TEXTS("gh:phonegap/phonegap-plugin-push#2707", "CM"),
	},
	{
		.id = "PROF-11",
		.title = "the profile has expired",
		.messages =
			TEXTS("Provisioning profile \"{profile}\" expired on {date}."),
		.names = NO_TEXTS,
		.causes = CAUSES(
			{ "Its date has passed.", "sealring inspect shows it." }),
		.facts = "P",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Make it anew; with a certificate that lives on.",
		.command = "sealring profile renew NAME --portal DIR -o "
			   "app.mobileprovision",
		.sources = TEXTS("gh:litchie/dospad#53"),
	},
	{
		.id = "PROF-12",
		.title = "the profile does not list the chosen device",
		.messages =
			TEXTS("Provisioning profile \"{profile}\" doesn't include the "
	                      "currently selected device \"|{device}\" (identifier "
	                      "{udid})."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "A Mac (Apple silicon, or a virtual machine) was "
	                           "chosen as destination.",
	                           "The device's name is that of a computer." },
	                         { "The phone is new.",
	                           "Its UDID is not in the profile." }),
		.facts = "PL",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Build for \"generic/platform=iOS\", or register "
		       "the device and make the profile anew.",
		.command = "sealring device add UDID NAME --portal DIR",
		.sources = TEXTS("CM"),
	},
	{
		.id = "PROF-13",
		.title = "a profile that Xcode manages is used for manual "
			 "signing",
		.messages = TEXTS(
			"Provisioning profile \"{profile}\" is Xcode managed, but "
			"signing settings require a manually managed profile"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "It is \"iOS Team Provisioning Profile: ...\", "
	                           "which Xcode made for itself.",
	                           "sealring inspect says that Xcode manages it." }),
		.facts = "PX",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Make a profile of your own and choose it.",
		.command = "sealring profile create TYPE -a BUNDLE_ID "
			   "--portal DIR -o app.mobileprovision",
		.sources = TEXTS("gh:bitrise-io/go-xcode#139"),
	},
	{
		.id = "PROF-14",
		.title = "the profile would have no device",
		.messages =
			TEXTS("There are no current {platform} devices on this team "
	                      "matching the provided device IDs"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The team has no device of this kind, and a "
	                           "development or ad hoc profile needs one.",
	                           "The list of devices is empty." }),
		.facts = "D",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Register a device first.",
		.command = "sealring device add UDID NAME --portal DIR",
		.sources = TEXTS("gh:fastlane/fastlane#18542",
	                         "gh:fastlane/fastlane#1994"),
	},
	{
		.id = "PROF-15",
		.title = "automatic signing needs a device first",
		.messages = TEXTS("Failed to create provisioning profile. There are no "
	                          "devices registered in your account on the developer "
	                          "website|. Plug in and select a device to have Xcode "
	                          "register it."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "Automatic signing makes a development profile, "
	                           "even for a release, and that needs a device.",
	                           "The project signs automatically and the list of "
	                           "devices is empty." }),
		.facts = "DX",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Sign the release manually with an App Store "
		       "profile, or register a device.",
		.command = "sealring device add UDID NAME --portal DIR",
		.sources = TEXTS("gh:flutter/flutter#25647"),
	},
	{
		.id = "PROF-16",
		.title = "the team has as many devices as Apple allows",
		.messages =
			TEXTS("Your development team has reached the maximum number of "
	                      "registered {kind} devices"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "A hundred of each kind are registered in this "
	                           "year of membership; disabled ones count until it "
	                           "ends.",
	                           "Count enabled and disabled ones of this kind." }),
		.facts = "D",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Wait for the yearly reset and remove devices "
		       "then, or distribute with TestFlight.",
		.command = "sealring device list --portal DIR",
		.sources = TEXTS("gh:AtB-AS/mittatb-app#5972", "gh:nab138/iloader#715",
	                         "https://developer.apple.com/news/?id=11022009b"),
	},
	{
		.id = "PROF-17",
		.title = "a registered device is missing in the profile",
		.messages = NO_TEXTS,
		.names = TEXTS("device processing", "device ineligible",
	                       "registered device missing in the profile"),
		.causes = CAUSES({ "Apple is still \"processing\" the device, for a "
	                           "day up to three.",
	                           "The portal shows that status." },
	                         { "The device is \"ineligible\", for up to 30 days.",
	                           "The portal shows that status." }),
		.facts = "DP",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Wait until the portal calls it enabled, then make "
		       "the profile anew.",
		.command = "sealring device list --portal DIR",
		.sources = TEXTS(
			"https://avinashg137.blogspot.com/2024/04/navigating-device-registration-updates.html"),
	},
	{
		.id = "PROF-18",
		.title = "a wildcard profile cannot have this capability",
		.messages = TEXTS(
			"Provisioning profile \"iOS Team Provisioning Profile: *\" "
			"doesn't include the {entitlement} entitlement"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The profile is for \"*\", and this capability "
	                           "wants an App ID without wildcard.",
	                           "Its App ID ends in \"*\"." }),
		.facts = "P",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Register the bundle id itself, turn the "
		       "capability on, and make a profile for it.",
		.command = "sealring app add BUNDLE_ID --portal DIR",
		.sources = TEXTS("gh:phonegap/phonegap-plugin-push#1628"),
	},
	{
		.id = "PROF-19",
		.title = "the entitlement has to be granted by Apple",
		.messages = TEXTS(
			"Provisioning profile \"{profile}\" doesn't include the "
			"com.apple.developer.passkit.pass-presentation-suppression "
			"entitlement"),
		.names = TEXTS("managed capability"),
		.causes =
			CAUSES({ "Apple grants this one on request only. The "
	                         "templates of the API that carried it were removed "
	                         "in May 2025.",
	                         "The profile lacks the key, whatever is turned on." }),
		.facts = "PX",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Ask Apple for it on the portal, and make the "
		       "profile there.",
		.command = "sealring inspect app.mobileprovision --only "
			   "how",
		.sources = TEXTS(
			"gh:bitrise-steplib/steps-ios-auto-provision-appstoreconnect#15",
			"fl:sigh/lib/sigh/options.rb"),
	},
	{
		.id = "PROF-20",
		.title = "the App ID is not in this team",
		.messages =
			TEXTS("Couldn't find bundle identifier '{bundle}' for the user "
	                      "'{user}'"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The App ID was never registered, or in another "
	                           "team.",
	                           "The team's list lacks it." }),
		.facts = "D",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Register the App ID, or choose the other team.",
		.command = "sealring app list --portal DIR",
		.sources = TEXTS("fl:match/lib/match/spaceship_ensure.rb"),
	},
	{
		.id = "PROF-21",
		.title = "the portal wants its own id, not the bundle id",
		.messages = TEXTS("There is no App ID with ID '{bundle}' on this team"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The API was given the bundle id where it wants "
	                           "the id of the resource, such as \"AB12CD34EF\".",
	                           "The id in the message has dots." }),
		.facts = "L",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Look the bundle id up first, and hand over the id "
		       "that the answer has.",
		.command = "sealring app list --portal DIR",
		.sources = TEXTS("gh:myappcloud/appstore-connect-api#2"),
	},
	{
		.id = "PROF-22",
		.title = "the portal calls the profile invalid",
		.messages = TEXTS(
			"'{profile}' is available on the Developer Portal, however "
			"it's 'Invalid', fixing this now for you",
			"The name '{profile}' is already taken, using another one"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "A certificate in it was revoked, or a device or a "
	                           "capability changed.",
	                           "The portal does not say which: compare with the "
	                           "profile." }),
		.facts = "D",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Make it anew under the same name; a second one "
		       "with a date in its name is not needed.",
		.command = "sealring profile renew NAME --portal DIR -o "
			   "app.mobileprovision",
		.sources = TEXTS("fl:match/lib/match/spaceship_ensure.rb",
	                         "fl:sigh/lib/sigh/runner.rb"),
	},
};

const struct explain_family explain_profile = {
	.name = "PROF",
	.title = "Provisioning profiles",
	.entries = entries,
	.count = ARRAY_LEN(entries),
};
