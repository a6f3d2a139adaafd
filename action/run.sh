#!/usr/bin/env bash
# What the GitHub Action runs. It needs Node, npm and git, and no token: a pull request from a fork has none to give.
# Inputs come as SILOLINT_* from action.yml; lists have one entry a line, so that spaces in paths are no matter.
set -uo pipefail

# lines TEXT: reads its lines that are not empty into the array `list`
lines() {
  list=()
  local line
  while IFS= read -r line || [[ -n $line ]]; do
    line=${line%$'\r'}
    if [[ -n ${line//[[:space:]]/} ]]; then list+=("$line"); fi
  done <<<"$1"
}

arguments=(--format github)
sarif=${SILOLINT_SARIF:-}
if [[ -n $sarif ]]; then arguments+=(--format "sarif=$sarif"); fi
if [[ -n ${SILOLINT_FAIL_ON:-} ]]; then arguments+=(--fail-on "$SILOLINT_FAIL_ON"); fi

base=${SILOLINT_BASE:-}
if [[ -n $base ]]; then
  # checkout fetches one commit unless it is told otherwise
  if ! git cat-file -e "$base^{commit}" 2>/dev/null; then
    GIT_TERMINAL_PROMPT=0 git fetch --quiet --no-tags --depth=1 origin "$base" 2>/dev/null
  fi
  if git cat-file -e "$base^{commit}" 2>/dev/null; then
    arguments+=(--since "$base")
  else
    echo "::notice title=silolint::The commit that this request starts from could not be fetched, so findings on unchanged lines are shown too. Set fetch-depth: 0 for actions/checkout." >&2
  fi
fi

lines "${SILOLINT_OPTIONS:-}"
arguments+=(${list[@]+"${list[@]}"})
lines "${SILOLINT_PATHS:-.}"
# what begins with a hyphen is a path too
arguments+=(-- ${list[@]+"${list[@]}"})

code=0
npx --yes --package="silolint@${SILOLINT_VERSION:-latest}" -- silolint "${arguments[@]}" || code=$?

if [[ -n ${GITHUB_OUTPUT:-} ]]; then
  echo "exit-code=$code" >>"$GITHUB_OUTPUT"
  if [[ -n $sarif && -s $sarif ]]; then echo "sarif=$(cd "$(dirname "$sarif")" && pwd)/$(basename "$sarif")" >>"$GITHUB_OUTPUT"; fi
fi
exit "$code"
