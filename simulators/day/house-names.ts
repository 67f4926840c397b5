/** What the rooms and the people of a simulated household are called, in the order in which they are taken. */

export const ROOM_NAMES: readonly string[] = [
  ...['Kitchen', 'Living Room', 'Bedroom', 'Bath', 'Study', 'Hall', 'Nursery', 'Guest Room'],
  ...['Attic', 'Cellar', 'Workshop', 'Garage', 'Terrace', 'Garden', 'Library', 'Laundry'],
];

/** The first is the owner. */
export const PEOPLE_NAMES: readonly string[] = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eva', 'Finn', 'Gus', 'Hana'];
