import { Capture } from './capture.tsx';
import { usePage } from './context.ts';
import { ExplainButtons } from './explain-panel.tsx';
import { isUp, type Picture } from './look-up.ts';
import { Facts, Section } from './parts.tsx';
import { bytesText, rateText } from './rates.ts';

export function HostDetails({ picture }: { readonly picture: Picture }) {
  const { Host, Networks, Containers } = picture;
  const running = Containers.filter(isUp).length;
  return (
    <>
      <Facts
        facts={[
          ['Networks', Networks.length],
          ['Containers', `${Containers.length}, of which ${running} run`],
        ]}
      />
      <ExplainButtons choice={{ kind: 'host', id: '' }} />
      {Host.Links.map(({ Name, Addresses }) => (
        <Link key={Name} name={Name} addresses={Addresses} />
      ))}
      <Names />
      <Capture what="host" />
    </>
  );
}

function Link({ name, addresses }: { readonly name: string; readonly addresses: readonly string[] }) {
  const { state } = usePage();
  const counters = state.traffic?.Links[name];
  const rate = state.rates.get(name);
  return (
    <Section title={`Link ${name}`}>
      <Facts
        facts={[
          ['Addresses', addresses.join(', ')],
          ['Received', counters && `${bytesText(counters[0])}${rate ? `, ${rateText(rate.received)}` : ''}`],
          ['Sent', counters && `${bytesText(counters[1])}${rate ? `, ${rateText(rate.sent)}` : ''}`],
        ]}
      />
    </Section>
  );
}

/** What the resolver of all containers has been asked. */
function Names() {
  const { state } = usePage();
  const dns = state.traffic?.DNS;
  if (!dns) return null;
  const by: Readonly<Record<string, string>> = {
    itself: 'by the resolver',
    servers: 'by other servers',
    nobody: 'by nobody',
  };
  return (
    <Section title="Names">
      <Facts
        facts={[
          ['Questions', dns.Questions],
          ['Without answer', dns.Unanswered === 0 ? '' : dns.Unanswered],
        ]}
      />
      <ul class="lines-of">
        {dns.Answers.map(({ By, Code, Count }) => (
          <li key={`${By} ${Code}`}>
            {Count} × {Code} <span class="small">{by[By] ?? By}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
