/** A line as a terminal may show it: names of links and rules can hold what containers put in, such as escape sequences. */
export const printable = (line: string): string => line.replace(/\p{Cc}/gu, '?');
