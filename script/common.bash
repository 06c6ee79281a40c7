# Sourced by the scripts of this folder and by .ci/run. It changes to the root of
# the repository and sets two lists of folders: modules has every module, nested
# those below the root that have Go files of this repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

modules=(. $(git ls-files --cached --others --exclude-standard -- '*/go.mod' | xargs -n 1 dirname | sort -u))
nested=()
for module in "${modules[@]:1}"; do
	[[ -z $(git ls-files --cached --others --exclude-standard -- "$module/*.go") ]] || nested+=("$module")
done

# step prints what comes next, and the seconds since the first script began.
export STEPS_BEGAN=${STEPS_BEGAN:-$(date +%s)}
step() { printf '\n== %s (%ds)\n' "$*" $(($(date +%s) - STEPS_BEGAN)); }

# build_tool builds the tool that the go.mod of a folder pins into .ci/bin.
build_tool() { go build -C "$1" -o "$PWD/.ci/bin/" tool; }
