#!/bin/sh
# Xcode projects: what they sign with, and what is wrong.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# write_project FOLDER TARGET_SETTINGS: one app with Debug and Release.
write_project() {
	mkdir -p "$1"
	cat > "$1/project.pbxproj" << END
// !\$*UTF8*\$!
{
	archiveVersion = 1;
	objectVersion = 56;
	objects = {
		A1 /* Shop */ = {
			isa = PBXNativeTarget;
			buildConfigurationList = L1;
			buildPhases = ( );
			dependencies = ( );
			name = Shop;
			productType = "com.apple.product-type.application";
		};
		C1 = {isa = XCBuildConfiguration; buildSettings = {
			$2
		}; name = Debug; };
		C2 = {isa = XCBuildConfiguration; buildSettings = {
			$2
		}; name = Release; };
		C3 = {isa = XCBuildConfiguration; buildSettings = { SDKROOT = iphoneos; }; name = Debug; };
		C4 = {isa = XCBuildConfiguration; buildSettings = { SDKROOT = iphoneos; }; name = Release; };
		L1 = {isa = XCConfigurationList; buildConfigurations = (C1, C2); };
		L2 = {isa = XCConfigurationList; buildConfigurations = (C3, C4); };
		P1 = {isa = PBXProject; buildConfigurationList = L2; targets = (A1); };
	};
	rootObject = P1;
}
END
}

good='DEVELOPMENT_TEAM = ABCDE12345; PRODUCT_BUNDLE_IDENTIFIER = com.acme.shop;'
write_project Shop.xcodeproj "$good"

# By every kind of path, and from the folder itself.
for path in Shop.xcodeproj Shop.xcodeproj/ Shop.xcodeproj/project.pbxproj .; do
	expect 0 '*Shop.xcodeproj*1 target, 2 configurations*Shop*app*Debug*Automatic*Apple Development*-*ABCDE12345*com.acme.shop*Release*' \
		project show $path
done
expect 0 '*ABCDE12345*' project show
expect 0 '*Release*' project show -c Release
case $output in *Debug*) fail "-c Release shows Debug: $output" ;; esac
expect 0 '*Shop › Release*app, iphoneos*DEVELOPMENT_TEAM *ABCDE12345 *target, Shop.xcodeproj/project.pbxproj:18*' \
	project show --settings -c Release
expect 0 '*CODE_SIGN_IDENTITY\[sdk=iphoneos\*\]*Apple Distribution*command line*hidden*CODE_SIGN_IDENTITY*Apple Development*Xcode*default*' \
	project show --settings -c Release --set 'CODE_SIGN_IDENTITY[sdk=iphoneos*]=Apple Distribution'
expect 0 '*"schema": 1*"projects"*"kind": "app"*"bundle_id": "com.acme.shop"*' project show --json
expect 0 '*"settings"*"DEVELOPMENT_TEAM"*"value": "ABCDE12345"*"level": "target"*"line": 15*' \
	project show --json --settings

# Among all other files.
expect 0 'Shop.xcodeproj  Shop  Xcode project, 1 target*WHO*Shop: team ABCDE12345, automatic, "Apple Development"*WHAT*com.acme.shop, app*WHERE*iphoneos*' \
	inspect Shop.xcodeproj
expect 0 'Shop.xcodeproj: Xcode project, 1 target | *com.acme.shop*' inspect --short Shop.xcodeproj
expect 0 '*"kind": "project"*"project": {*"targets"*"bundle_id": "com.acme.shop"*' inspect --json Shop.xcodeproj

expect 0 'OK*1 project: nothing is wrong*' project check
expect 0 '*"bad": 0*"warn": 0*"findings": \[\]*' project check --json
expect 1 'BAD*AUTO-02*where*Shop.xcodeproj › Shop › Debug, Release*evidence*PROVISIONING_PROFILE_SPECIFIER = "P" (command line)*fix*1 BAD, 0 WARN*' \
	project check --set PROVISIONING_PROFILE_SPECIFIER=P
write_project Shop.xcodeproj 'PRODUCT_BUNDLE_IDENTIFIER = com.acme.shop; CODE_SIGN_STYLE = Manual;'
expect 1 '*AUTO-04*PROF-10*project.pbxproj:15*2 BAD, 0 WARN in 1 project*' project check
expect 1 '*"bad": 2*"id": "AUTO-04"*"severity": "bad"*"configurations"*"Debug"*"Release"*"target": "Shop"*' \
	project check --json
expect 1 '*Shop › Release*' project check -c Release -t Shop

write_project Mac.xcodeproj 'SDKROOT = macosx;'
expect 0 'OK*no target for iOS*' project check Mac.xcodeproj
expect 0 '*"checked": 0*' project check Mac.xcodeproj --json
rm -r Mac.xcodeproj

# Names that are not there.
expect 3 '*there is no target "Shob" in "."*Did you mean "Shop"*project show*' project check -t Shob
expect 3 '*there is no configuration "Relaese"*Did you mean "Release"*' project show -c Relaese
mkdir empty
expect 3 '*there is no Xcode project in "empty"*find empty*' project show empty
expect 3 '*could not open "none.xcodeproj"*' project show none.xcodeproj
mkdir bare.xcodeproj
expect 3 '*could not open "bare.xcodeproj/project.pbxproj"*' project show bare.xcodeproj
rmdir bare.xcodeproj
expect 2 '*"X" is no KEY=VALUE*' project show --set X
expect 2 '*"=y" is no KEY=VALUE*' project show --set =y

# A merge that nobody finished.
mkdir Merge.xcodeproj
printf '{\n<<<<<<< HEAD\n}\n' > Merge.xcodeproj/project.pbxproj
expect 3 '*"Merge.xcodeproj/project.pbxproj" has an unfinished merge in line 2*git diff --check*' \
	project show Merge.xcodeproj
rm -r Merge.xcodeproj

# Workspaces: their projects, in their order; what is not there is said.
mkdir -p Work.xcworkspace
cat > Work.xcworkspace/contents.xcworkspacedata << 'END'
<?xml version="1.0" encoding="UTF-8"?>
<Workspace version = "1.0">
   <!-- <FileRef location = "group:No.xcodeproj"></FileRef> -->
   <Group location = "group:apps" name = "Apps">
      <FileRef
         location = "group:A &amp; B.xcodeproj">
      </FileRef>
   </Group>
   <FileRef location = "container:Shop.xcodeproj"></FileRef>
   <FileRef location = "group:Pods/Pods.xcodeproj"></FileRef>
   <FileRef location = "group:README.md"></FileRef>
</Workspace>
END
write_project 'apps/A & B.xcodeproj' "$good"
expect 0 '*Pods/Pods.xcodeproj is not there*' project show Work.xcworkspace
expect 0 '*"path": "apps/A & B.xcodeproj"*"path": "Shop.xcodeproj"*"missing"*Pods/Pods.xcodeproj*' \
	project show Work.xcworkspace --json
rm -r apps Shop.xcodeproj
expect 3 '*none of the projects of "Work.xcworkspace" is there*' project show Work.xcworkspace -q
echo '<Work' > Work.xcworkspace/contents.xcworkspacedata
expect 3 '*is no Xcode workspace*' project show Work.xcworkspace

# A .xcconfig below both levels.
write_project Shop.xcodeproj "$good"
sed 's/C1 = {isa = XCBuildConfiguration;/& baseConfigurationReference = F1;/
s/P1 = {/F1 = {isa = PBXFileReference; path = base.xcconfig; sourceTree = SOURCE_ROOT; };\n&/' \
	Shop.xcodeproj/project.pbxproj > edited
mv edited Shop.xcodeproj/project.pbxproj
expect 0 '*the settings in base.xcconfig are not known: could not open*Shop*' project show -c Debug
expect 0 '*"unread": \[*"base.xcconfig"*' project show --json -q
printf '#include "more"\nDEVELOPMENT_TEAM = LOW\n' > base.xcconfig
echo 'CODE_SIGN_STYLE = Manual // by the team' > more.xcconfig
expect 0 "*CODE_SIGN_STYLE*Manual*target's .xcconfig, more.xcconfig:1*hidden*DEVELOPMENT_TEAM*LOW*target's .xcconfig, base.xcconfig:2*" \
	project show -c Debug --settings
echo ok
