/** The same things as in the drawing, as a list: for keys, for screen readers, and to find something by its name. */
import { Mark } from './card.tsx';
import { choose, usePageParts } from './context.ts';
import { type Choice, isSame, type Picture } from './look-up.ts';
import { type Group, groupsOf, type Member, type Shown } from './members.ts';

interface Listed {
  readonly picture: Picture;
  readonly shown: Shown;
  readonly chosen: Choice | undefined;
}

export function List({ picture, shown, chosen }: Listed) {
  const page = usePageParts();
  const groups = groupsOf(picture, shown);
  const pick = (choice: Choice): void => choose(page, choice, 'list');
  const { Host, Hosts } = picture;
  const isChosen = (choice: Choice): boolean => isSame(chosen, choice);
  return (
    <div
      class="list"
      role="toolbar"
      aria-orientation="vertical"
      aria-label="Hosts, networks, containers"
      onKeyDown={moveByArrows}
    >
      <Item choice={{ kind: 'host', id: '' }} {...{ pick, isChosen }}>
        <Mark condition="good" /> <span class="name">{Host.Name}</span> <span class="small">this host</span>
      </Item>
      {Hosts.filter(({ Status }) => Status !== 'here').map(({ Id, Name, Status }) => (
        <Item key={Id} choice={{ kind: 'node', id: Id }} {...{ pick, isChosen }}>
          <Mark condition={Status === 'lost' ? 'bad' : 'far'} /> <span class="name">{Name}</span>{' '}
          <span class="small">{Status}</span>
        </Item>
      ))}
      <ul>
        {groups.map((group) => (
          <NetworkItems key={group.network.Id} group={group} pick={pick} isChosen={isChosen} />
        ))}
      </ul>
    </div>
  );
}

interface Picking {
  readonly pick: (choice: Choice) => void;
  readonly isChosen: (choice: Choice) => boolean;
}

function NetworkItems({ group: { network, members }, pick, isChosen }: Picking & { readonly group: Group }) {
  return (
    <li>
      <Item choice={{ kind: 'network', id: network.Id }} {...{ pick, isChosen }}>
        <strong class="name">{network.Name}</strong> <span class="small">{network.Driver}</span>
      </Item>
      <ul>
        {members.map((member) => (
          <li key={member.key}>
            <MemberItem member={member} pick={pick} isChosen={isChosen} />
          </li>
        ))}
      </ul>
    </li>
  );
}

function MemberItem({ member, ...picking }: Picking & { readonly member: Member }) {
  return (
    <Item choice={member.choice} {...picking}>
      <Mark condition={member.condition} /> <span class="name">{member.name}</span>{' '}
      <span class="small">
        {member.address || member.note} {member.ports}
      </span>
    </Item>
  );
}

interface ItemProps extends Picking {
  readonly choice: Choice;
  readonly children: preact.ComponentChildren;
}

function Item({ choice, pick, isChosen, children }: ItemProps) {
  return (
    <button
      type="button"
      class="item"
      aria-current={isChosen(choice) ? 'true' : undefined}
      onClick={() => pick(choice)}
    >
      {children}
    </button>
  );
}

/** Up and down move between the items, Home and End to the first and last one. */
function moveByArrows(event: KeyboardEvent): void {
  const list = event.currentTarget as HTMLElement;
  const items = [...list.querySelectorAll<HTMLElement>('button.item')];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const places: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: items.length - 1,
  };
  const next = items[places[event.key] ?? -1];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
