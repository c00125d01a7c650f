/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/data_impl.h"

static const struct explain_entry entries[] = {
	{
		.id = "CERT-01",
		.title = "fastlane says that no more certificates can be "
			 "made",
		.messages = TEXTS(
			"Could not create another {type} certificate, reached the "
			"maximum number of available {type} certificates."),
		.names = NO_TEXTS,
		.causes =
			CAUSES({ "The team has as many certificates of this type as "
	                         "Apple allows.",
	                         "Count the ones of exactly this type in this team "
	                         "on the portal." },
	                       { "fastlane prints this for every refusal that says "
	                         "\"You already have a current\"; the real one is "
	                         "about another type.",
	                         "Run it with --verbose and read Apple's own "
	                         "sentence." },
	                       { "Another team was asked than the one that was "
	                         "looked at.",
	                         "Compare the team id in the log with the portal's." },
	                       { "No device is registered, which has once been "
	                         "reported as the reason.",
	                         "See whether the device list is empty." }),
		.facts = "DLS",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Use a certificate whose private key you hold. If "
		       "none is left, revoke one whose key nobody holds, and only "
		       "that one. Never wipe them all: in-house apps would stop.",
		.command = "sealring cert list --portal DIR",
		.sources = TEXTS("gh:fastlane/fastlane#19349",
	                         "gh:fastlane/fastlane#12456",
	                         "gh:fastlane/fastlane#14998",
	                         "fl:cert/lib/cert/runner.rb"),
	},
	{
		.id = "CERT-02",
		.title = "the portal has a certificate of this type already",
		.messages = TEXTS("You already have a current {type} certificate or a "
	                          "pending certificate request"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The team has used up what Apple allows of this "
	                           "type.",
	                           "Count certificates of this type; two or three are "
	                           "reported as the limit." },
	                         { "An earlier request is still pending.",
	                           "Look for a request that was never finished." }),
		.facts = "D",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Use a certificate whose private key you hold; if "
		       "none is left, revoke one whose key nobody holds.",
		.command = "sealring cert list --portal DIR",
		.sources = TEXTS("gh:expo/expo#2146", "gh:SideStore/SideStore#1214",
	                         "gh:fastlane/fastlane#19349",
	                         "https://devpeace.com/ios/38194971/"),
	},
	{
		.id = "CERT-03",
		.title = "Xcode asks to revoke a certificate because the "
			 "account is full",
		.messages = TEXTS(
			"Choose a certificate to revoke. Your account has reached "
			"the maximum number of certificates"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "A build machine that is thrown away signs "
	                           "automatically, so that each run makes a new "
	                           "development certificate.",
	                           "The project has CODE_SIGN_STYLE = Automatic, the "
	                           "build runs with -allowProvisioningUpdates, and "
	                           "the portal has many certificates \"Created via "
	                           "API\"." },
	                         { "Nobody shares a development identity, so "
	                           "everybody made one.",
	                           "No development identity is in the team's store." }),
		.facts = "XLDS",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Keep one development identity and import it "
		       "before each build, or sign the archive manually. "
		       "Automatic archives are signed with Apple Development, "
		       "even for a release.",
		.command = "sealring p12 make -k KEY -c CERT -P @env:PW "
			   "-o dev.p12",
		.sources = TEXTS("gh:dashpay/dashwallet-ios#1038",
	                         "gh:justinmoon/pika#451"),
	},
	{
		.id = "CERT-04",
		.title = "your role may not make this certificate",
		.messages =
			TEXTS("You do not have permission to create this certificate. "
	                      "Only Team Admins can create {type} certificates",
	                      "You are not allowed to perform this operation"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The user or the API key has too low a role.",
	                           "The portal's page of users, or of keys, names the "
	                           "role." }),
		.facts = "D",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Ask an Admin to make the certificate, or to give "
		       "you the role. Everybody else only needs the finished .p12.",
		.command = "sealring csr new -k KEY --cn NAME -o FILE",
		.sources = TEXTS("fl:cert/lib/cert/runner.rb"),
	},
	{
		.id = "CERT-05",
		.title = "Xcode wants to revoke: the private key is not in "
			 "the keychain",
		.messages = TEXTS(
			"Revoke certificate: Your account already has {type} "
			"signing certificate for this machine, but its private key "
			"is not installed in your keychain"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "This Mac is new or was wiped, or the build "
	                           "machine is a throw-away one.",
	                           "The key is in no keychain of this Mac." },
	                         { "Another tool replaced the keychain search list: "
	                           "the identity is there, but nobody looks.",
	                           "\"security list-keychains\" lacks the login "
	                           "keychain." }),
		.facts = "HSD",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Do not press Revoke. Import the .p12 from where "
		       "it is kept, or put the login keychain back on the search "
		       "list.",
		.command = "sealring p12 test dist.p12 -P @env:PW",
		.sources = TEXTS("fs:57366234673", "fs:34092405821", "AF:764554",
	                         "AF:760819"),
	},
	{
		.id = "CERT-06",
		.title = "only Apple can revoke this certificate",
		.messages =
			TEXTS("This certificate can only be revoked by Apple Developer "
	                      "Program Support"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "It is a Developer ID certificate; Apple revokes "
	                           "those itself.",
	                           "Its type begins with \"Developer ID\"." }),
		.facts = "D",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Leave it alone, or write to Apple. An iOS app "
		       "needs another certificate anyway.",
		.command = "sealring inspect CERT.cer",
		.sources = TEXTS("gh:rubymotion-community/motion-provisioning#15"),
	},
	{
		.id = "CERT-07",
		.title = "the stored certificate is not on the portal",
		.messages =
			TEXTS("Certificate '{certificate}' (stored in your storage) is "
	                      "not available on the Developer Portal"),
		.names = NO_TEXTS,
		.causes =
			CAUSES({ "It was revoked.",
	                         "Its serial number is in no list of the right team." },
	                       { "It belongs to another team, or this user does not "
	                         "see it.",
	                         "Its OU is the team id; compare it." }),
		.facts = "SD",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Compare the serial numbers. Replace the "
		       "certificate in the store, and make every profile that "
		       "lists it anew.",
		.command = "sealring inspect CERT.cer",
		.sources = TEXTS("fl:match/lib/match/spaceship_ensure.rb"),
	},
	{
		.id = "CERT-08",
		.title = "an agreement with Apple has to be accepted",
		.messages = TEXTS(
			"A required agreement is missing or has expired",
			"This request requires an in-effect agreement that has not "
			"been signed or has expired"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The Account Holder has not accepted the newest "
	                           "licence.",
	                           "The portal shows a banner to the Account Holder." },
	                         { "Apple's side is behind; it passes by itself.",
	                           "All agreements are accepted and the error stays "
	                           "for some hours only." }),
		.facts = "L",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "The Account Holder, nobody else, has to accept "
		       "the agreement: developer.apple.com/account, or App Store "
		       "Connect under Business.",
		.command = "sealring doctor build.log",
		.sources =
			TEXTS("CM", "gh:tramlinehq/tramline#709",
	                      "gh:tryzealot/zealot#1946", "gh:fastlane/fastlane#19750"),
	},
	{
		.id = "CERT-09",
		.title = "Apple does not accept the API key's token",
		.messages =
			TEXTS("Authentication credentials are missing or invalid",
	                      "Provide a properly configured and signed bearer token, "
	                      "and make sure that it has not expired"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "Key id, issuer id and .p8 file do not belong "
	                           "together.",
	                           "The token's kid and iss are not those of the "
	                           "key's page." },
	                         { "The key was revoked.",
	                           "It is not in the list of keys any more." },
	                         { "The token lives longer than Apple allows, which "
	                           "is twenty minutes.",
	                           "Its exp is too far behind its iat." },
	                         { "The clock is likely wrong.",
	                           "Compare it with the Date that the server answers "
	                           "with." }),
		.facts = "LH",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Show the token's kid, iss, iat and exp beside the "
		       "key's page and the server's Date. Make a new token with "
		       "at most twenty minutes.",
		.command = "sealring doctor build.log",
		.sources = TEXTS("gh:status-im/status-legacy#13352"),
	},
	{
		.id = "CERT-10",
		.title = "the API key's role does not allow the request",
		.messages = TEXTS(
			"This request is forbidden for security reasons - The API "
			"key in use does not allow this request"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The key was made with a role that is too low for "
	                           "this.",
	                           "The key's page names its role; making "
	                           "distribution certificates needs Admin." }),
		.facts = "D",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Have an Admin make a key of the right role. A "
		       "build that only signs needs no key at all.",
		.command = "sealring doctor build.log",
		.sources = TEXTS("gh:fastlane/fastlane#21797"),
	},
	{
		.id = "CERT-11",
		.title = "the certificate is there, its private key is "
			 "elsewhere",
		.messages =
			TEXTS("Certificate {certificate} can't be found on your local "
	                      "computer",
	                      "Couldn't find an existing certificate... creating a new "
	                      "one"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The private key is on another machine; a new "
	                           "certificate would then be made without asking.",
	                           "No key that you hold has the certificate's public "
	                           "key." }),
		.facts = "SK",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Look for the key first: in the team's store, on "
		       "the Mac that made the request, in a backup. Make a new "
		       "certificate only when it is lost.",
		.command = "sealring cert match CERT.cer KEY",
		.sources = TEXTS("fl:cert/lib/cert/runner.rb", "gh:fastlane/docs#1078"),
	},
};

const struct explain_family explain_cert = {
	.name = "CERT",
	.title = "Obtaining a certificate",
	.entries = entries,
	.count = ARRAY_LEN(entries),
};
