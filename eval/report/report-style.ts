/** Style sheet of a report's page. */
export const reportStyle = `
  :root { color-scheme: light }
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2.5rem auto; max-width: 82rem; padding: 0 1.5rem; color: #1f2328; background: #fff }
  h1 { font-size: 1.7rem; margin: 0 0 .3rem } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem } h3 { font-size: 1rem; margin: 1.2rem 0 .3rem }
  .label { margin-right: 1.5rem; white-space: nowrap }
  i { display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin-right: .4em }
  .standing { color: #59636e; margin: 0 0 1rem }
  .overview { display: flex; flex-wrap: wrap; gap: 2rem; align-items: center }
  .radar { flex: 1 1 34rem; min-width: 0; max-width: 47rem }
  .ring { fill: none; stroke: #d8dee4 } text.axis { font-size: 14px; fill: #1f2328 } text.range { font-size: 11px; fill: #818b98 }
  table { border-collapse: collapse; margin: .5rem 0 1rem } td, th { padding: .25rem .8rem; border-bottom: 1px solid #e4e8ec; text-align: left; font-weight: 400 }
  th { color: #59636e; font-size: .9em; border-bottom-color: #b7bfc8 }
  .number { text-align: right; font-variant-numeric: tabular-nums } .number.best { font-weight: 650 } .scores tr:last-child td { border-top: 1px solid #b7bfc8 }
  .differences tr.no td, .differences tr.too td { color: #818b98 } .differences svg { display: block }
  .strips { display: grid; grid-template-columns: repeat(auto-fill, minmax(26rem, 1fr)); gap: .8rem 1.2rem }
  figure { margin: 0 } img { width: 100%; display: block; border-radius: 4px } figcaption { font-size: .85em; color: #59636e; margin-top: .2rem }
  details { margin: .4rem 0 } summary { cursor: pointer }
`;
