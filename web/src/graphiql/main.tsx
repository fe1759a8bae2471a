import './workers';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './main.css';
import { createRoot } from 'react-dom/client';
import { Page } from './Page';
import { Session } from './session';
import { turnsOfTabs } from './turns';

const session = new Session((input, init) => fetch(input, init), turnsOfTabs(navigator.locks, localStorage));
void session.restore();

createRoot(document.getElementById('root')!).render(<Page session={session} />);
