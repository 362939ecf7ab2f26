import { expect, it } from 'vitest';
import { Counter, exposition, Histogram } from './metrics.ts';

it('a counter counts by its labels, and has those that are present from the start', () => {
  const counter = new Counter('heals_total', 'Heals', [{ type: 'network' }]);
  counter.add({ type: 'daemon' });
  counter.add({ type: 'daemon' }, 2);
  expect(exposition([counter.family()])).toBe(
    '# HELP heals_total Heals\n# TYPE heals_total counter\nheals_total{type="network"} 0\nheals_total{type="daemon"} 3\n',
  );
});

it('the buckets of a histogram are cumulative, and a bound is part of its bucket', () => {
  const histogram = new Histogram('seconds', 'Time');
  for (const value of [0.005, 0.006, 20]) histogram.observe({ action: 'start' }, value);
  const lines = exposition([histogram.family()]).split('\n');
  expect(lines).toContain('seconds_bucket{action="start",le="0.005"} 1');
  expect(lines).toContain('seconds_bucket{action="start",le="0.01"} 2');
  expect(lines).toContain('seconds_bucket{action="start",le="10"} 2');
  expect(lines).toContain('seconds_bucket{action="start",le="+Inf"} 3');
  expect(lines).toContain('seconds_count{action="start"} 3');
  expect(lines).toContain('seconds_sum{action="start"} 20.011');
});

it('values of labels and texts of help are escaped', () => {
  const labels = { name: 'a"b\\c\nd' };
  expect(exposition([{ name: 'x', help: 'a\\b\nc', type: 'gauge', samples: [{ labels, value: 1 }] }])).toBe(
    '# HELP x a\\\\b\\nc\n# TYPE x gauge\nx{name="a\\"b\\\\c\\nd"} 1\n',
  );
});

it('a family without samples is left out', () => {
  expect(exposition([new Counter('none', 'Nothing').family()])).toBe('');
});
