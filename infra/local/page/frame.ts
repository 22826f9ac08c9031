import { type Html, html } from './html.ts';

const STYLE = html`
:root { color-scheme: light dark; --line: #8884; --done: #3a8f5c; --run: #2f6fd0; --wait: #b58900; --bad: #c0392b; --quiet: #8a8f98; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1rem; margin: 1.6rem 0 .4rem; } a { color: inherit; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; } td.n, th.n { text-align: right; } .small { color: var(--quiet); font-size: .85rem; }
.state { font-weight: 600; color: var(--quiet); } .state.RUNNING, .state.COMPLETED { color: var(--done); }
.state.NEED_SCHEDULE { color: var(--wait); } .state.PAUSED, .state.CANCELLED, .trouble { color: var(--bad); }
svg { width: 100%; background: #8881; display: block; } svg.bars { height: 60px; fill: var(--run); }
td svg.bars { height: 26px; min-width: 220px; } td .axis { display: none; }
rect.DONE { fill: var(--done); } rect.RUNNING { fill: var(--run); } rect.PENDING { fill: var(--wait); }
rect.CANCELLED { fill: var(--quiet); } rect.IN_DOUBT { fill: var(--bad); }
.axis { display: flex; justify-content: space-between; color: var(--quiet); font-size: .8rem; }
.share { background: #8882; height: .7rem; min-width: 120px; margin-top: .45rem; } .share div { background: var(--run); height: 100%; }
.legend span { margin-right: 1rem; } .legend i { display: inline-block; width: .8rem; height: .8rem; margin-right: .3rem; }
`;

/** How often a page is fetched anew, in seconds. */
const REFRESH_SECONDS = 2;

/** A whole page. It is only text and pictures: no script, and nothing from anywhere else. */
export function frame(title: string, content: Html): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="${REFRESH_SECONDS}">
<meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head>
<body>${content}</body></html>
`.text;
}
