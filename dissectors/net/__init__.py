"""Link layers, VLAN tags, tunnels, IP and TCP headers: from one captured frame to one TCP segment. No state."""
