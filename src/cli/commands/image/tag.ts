import { defineCommand } from '../../command.ts';
import { imagePath, splitReference } from '../../words/reference.ts';

export const command = defineCommand({
  takes: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  count: [2, 2],
  flags: {},
  async run({ operands, context }) {
    const [source = '', target = ''] = operands;
    const { repository, tag } = splitReference(target);
    const engine = await context.engine();
    await engine.text('POST', `/images/${imagePath(source)}/tag`, {
      query: { repo: repository, tag: tag || 'latest' },
    });
  },
});
