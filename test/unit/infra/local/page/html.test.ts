import { expect, it } from 'vitest';
import { html } from '../../../../../infra/local/page/html.ts';

it('what comes from elsewhere can be neither a tag nor the end of an attribute', () => {
  const hostile = `<script>alert('"&"')</script>`;
  const { text } = html`<p title="${hostile}">${hostile}</p>`;
  expect(text.replace(/&#\d+;/g, '')).toBe(
    '<p title="scriptalert()/script">scriptalert()/script</p>',
  );
});

it('pieces go into pieces as they are, lists one after the other, and nothing for nothing', () => {
  const cells = [1, 'b'].map((cell) => html`<td>${cell}</td>`);
  expect(html`<tr>${cells}${undefined}${false}</tr>`.text).toBe('<tr><td>1</td><td>b</td></tr>');
});
