import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { listFlag, parsedListFlag, textFlag } from '../../flags/flag.ts';
import { labelText } from '../../spec/container-flags.ts';
import { recordOf } from '../../spec/labels.ts';
import { changeNodes } from '../../swarm/nodes.ts';

export const command = defineCommand({
  takes: 'NODE',
  count: [1, 1],
  flags: {
    availability: textFlag('availability', 'Availability of the node ("active", "pause", "drain")', {
      choices: ['active', 'pause', 'drain'],
    }),
    labelAdd: parsedListFlag('label-add', labelText, 'Add or update a node label ("key=value")'),
    labelRemove: listFlag('label-rm', 'Remove a node label if exists'),
    role: textFlag('role', 'Role of the node ("worker", "manager")', { choices: ['worker', 'manager'] }),
  },
  async run({ flags, given, operands, context }) {
    await changeNodes(context, operands, {
      done: (name) => name,
      change: ({ Spec }) => {
        const labels = { ...Spec.Labels, ...recordOf(flags.labelAdd) };
        for (const name of flags.labelRemove) {
          if (!Object.hasOwn(labels, name)) throw new CliError(`key ${name} doesn't exist in node's labels`);
          delete labels[name];
        }
        return {
          ...Spec,
          Labels: labels,
          Role: given.has('role') ? flags.role : Spec.Role,
          Availability: given.has('availability') ? flags.availability : Spec.Availability,
        };
      },
    });
  },
});
